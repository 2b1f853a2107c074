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
  let client = await connect(url, hear, broken.ring);
  let closed = false;
  /** True when it listens, again or still. */
  async function mend(): Promise<boolean> {
    if (await isAlive(client)) return true;
    log.warn("the connection for live events broke; connecting again");
    await client.end().catch(() => undefined);
    const next = await connect(url, hear, broken.ring).catch(() => null);
    client = next ?? client;
    return next !== null;
  }
  const watch = (async () => {
    let listening = true;
    while (!closed) {
      await broken.wait(listening ? CHECK_MS : RECONNECT_MS);
      if (!closed) listening = await mend();
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
      await client.end().catch(() => undefined);
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
  client.on("error", onBreak);
  client.on("end", onBreak);
  client.on("notification", ({ payload }) => hear(payload ?? ""));
  try {
    await client.connect();
    await client.query(`listen ${EVENT_CHANNEL}`);
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
