import { eventSchema, type PodiumEvent } from "@podium/shared";
import pg from "pg";
import type { Logger } from "pino";
import { createAlarm } from "./alarm.ts";
import { EVENT_CHANNEL } from "./outbox.ts";

export type Listener = (event: PodiumEvent) => void;

/** Events as they commit, on every hub, best effort: for nudging (SSE, wake-ups), never for work that must happen. */
export interface Live {
  subscribe(listener: Listener): () => void;
  close(): Promise<void>;
}

const CHECK_MS = 60_000;
const RECONNECT_MS = 1_000;
const TIMEOUT_MS = 10_000;

/** Listens on a connection of its own, and connects again when it breaks: what was said meanwhile is missed. */
export async function listenLive(url: string, log: Logger): Promise<Live> {
  const listeners = new Set<Listener>();
  const hear = (payload: string) => {
    const event = readPayload(payload);
    if (!event) return log.warn({ payload }, "unknown event on the live channel");
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        log.error({ err: error, type: event.type }, "a listener to live events failed");
      }
    }
  };

  const broken = createAlarm();
  let client: pg.Client | null = await connect(url, hear, broken.ring);
  let closed = false;
  /** Ends a connection that no longer answers, and makes one when there is none. */
  async function mend(): Promise<void> {
    if (client && (await isAlive(client))) return;
    if (client) log.warn("the connection for live events broke; connecting again");
    await client?.end().catch(() => undefined);
    client = await connect(url, hear, broken.ring).catch((error: unknown) => {
      log.debug({ err: error }, "live events can't be listened to yet");
      return null;
    });
    if (client) log.info("live events are heard again");
  }
  const watch = (async () => {
    while (!closed) {
      // Without a connection nothing can ring but `close`: the pause between two attempts is kept.
      await broken.wait(client ? CHECK_MS : RECONNECT_MS);
      if (!closed) await mend();
    }
  })();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      broken.ring();
      await watch;
      await client?.end().catch(() => undefined);
    },
  };
}

async function connect(
  url: string,
  hear: (payload: string) => void,
  onBreak: () => void,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "podium-live",
    keepAlive: true,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  let listens = false;
  // A connection that never came about has not broken.
  const onEnd = () => {
    if (listens) onBreak();
    listens = false;
  };
  client.on("error", onEnd);
  client.on("end", onEnd);
  client.on("notification", ({ payload }) => hear(payload ?? ""));
  try {
    await client.connect();
    await client.query(`listen ${EVENT_CHANNEL}`);
    listens = true;
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

const isAlive = (client: pg.Client) =>
  client.query("select 1").then(
    () => true,
    () => false,
  );

function readPayload(payload: string): PodiumEvent | null {
  try {
    return eventSchema.safeParse((JSON.parse(payload) as { event?: unknown }).event).data ?? null;
  } catch {
    return null;
  }
}
