import { eventSchema, type PodiumEvent } from "@podium/shared";
import type { Logger } from "pino";
import type { Sql } from "./database.ts";
import { EVENT_CHANNEL } from "./outbox.ts";

export type Listener = (event: PodiumEvent) => void;

/** Events as they commit, on every hub, best effort: for nudging (SSE, wake-ups), never for work that must happen. */
export interface Live {
  subscribe(listener: Listener): () => void;
  close(): Promise<void>;
}

export async function listenLive(sql: Sql, log: Logger): Promise<Live> {
  const listeners = new Set<Listener>();
  const subscription = await sql.listen(EVENT_CHANNEL, (payload) => {
    const event = readPayload(payload);
    if (!event) return log.warn({ payload }, "unknown event on the live channel");
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        log.error({ err: error, type: event.type }, "a listener to live events failed");
      }
    }
  });
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => subscription.unlisten(),
  };
}

function readPayload(payload: string): PodiumEvent | null {
  try {
    return eventSchema.safeParse((JSON.parse(payload) as { event?: unknown }).event).data ?? null;
  } catch {
    return null;
  }
}
