import { STREAM_MESSAGE_BYTES, type StreamControl } from "@podium/shared";

/** The part of a WebSocket that an exchange needs. */
export interface StreamSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  /** bytes that the other side has not taken yet */
  buffered(): number;
}

type Side = "person" | "runner";
interface Pair {
  sockets: Partial<Record<Side, StreamSocket>>;
  timer: Timer;
  onEnd: () => void;
}

export interface ExchangeTimes {
  /** how long a person waits for the runner, milliseconds */
  waitMs: number;
  /** how long nothing may pass, either way, milliseconds */
  idleMs: number;
}

/** More than flow control lets through: whoever sends it does not keep to the protocol. */
const MOST_BUFFERED_BYTES = 2 * 1024 * 1024;
const MOST_AT_ONCE = 500;

/**
 * The streams whose people are connected to this hub. It passes messages on as they are, and keeps none: at most
 * `MOST_BUFFERED_BYTES` wait in a socket, beyond that the stream is cut.
 */
export function createExchange({ waitMs, idleMs }: ExchangeTimes) {
  const pairs = new Map<string, Pair>();

  function end(id: string, message: string | null) {
    const pair = pairs.get(id);
    if (!pair) return;
    pairs.delete(id);
    clearTimeout(pair.timer);
    if (message !== null) pair.sockets.person?.send(exit(message));
    for (const socket of Object.values(pair.sockets)) socket.close(1000);
    pair.onEnd();
  }

  function touch(id: string, pair: Pair, ms: number, message: string) {
    clearTimeout(pair.timer);
    pair.timer = setTimeout(() => end(id, message), ms);
  }

  return {
    /** False when too many are open on this hub. `onEnd` is called once, however it ends. */
    wait(id: string, socket: StreamSocket, onEnd: () => void): boolean {
      if (pairs.size >= MOST_AT_ONCE) return false;
      const timer = setTimeout(
        () => end(id, "The session's node did not answer. Is it connected? podium nodes"),
        waitMs,
      );
      pairs.set(id, { sockets: { person: socket }, timer, onEnd });
      return true;
    },
    /** False when nobody waits at this hub: the runner tries again, and may reach another. */
    join(id: string, socket: StreamSocket): boolean {
      const pair = pairs.get(id);
      if (!pair || pair.sockets.runner) return false;
      pair.sockets.runner = socket;
      // Both begin when they hear this: what was sent before would have reached nobody.
      for (const each of Object.values(pair.sockets)) each.send(READY);
      touch(id, pair, idleMs, IDLE);
      return true;
    },
    pass(id: string, from: Side, data: string | Uint8Array<ArrayBuffer>) {
      const pair = pairs.get(id);
      const to = pair?.sockets[from === "person" ? "runner" : "person"];
      if (!pair || !to) return;
      if (data.length > STREAM_MESSAGE_BYTES || to.buffered() > MOST_BUFFERED_BYTES)
        return end(id, "More was sent than can be passed on.");
      to.send(data);
      touch(id, pair, idleMs, IDLE);
    },
    /** One side has gone: so does the other. */
    leave(id: string, from: Side) {
      end(id, from === "runner" ? "The connection to the session's node broke." : null);
    },
    closeAll() {
      for (const id of [...pairs.keys()]) end(id, "The hub is restarted. Enter again in a moment.");
    },
  };
}
export type Exchange = ReturnType<typeof createExchange>;

const READY = JSON.stringify({ type: "ack", bytes: 0 } satisfies StreamControl);
const IDLE = "Nothing happened here for too long.";

function exit(message: string): string {
  return JSON.stringify({ type: "exit", code: null, message } satisfies StreamControl);
}
