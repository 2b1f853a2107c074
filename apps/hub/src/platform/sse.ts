import type { PodiumEvent } from "@podium/shared";
import type { Live } from "./live.ts";

const KEEP_ALIVE_MS = 15_000;
/** Changes within this time are told together. */
const FOLD_MS = 50;

/**
 * A stream of server-sent events that tells a viewer *that* something changed; the page then fetches it.
 * Bursts are folded, and while a slow viewer has not read the last message, what happens is remembered once by name.
 */
export function streamChanges(
  live: Live,
  concerns: (event: PodiumEvent) => string | null,
  signal: AbortSignal,
): Response {
  const encoder = new TextEncoder();
  const pending = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: () => void = () => undefined;
  let flush: () => void = () => undefined;

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      flush = () => {
        timer = undefined;
        // A viewer that lags gets the rest when it has read: see `pull`.
        if (pending.size === 0 || (controller.desiredSize ?? 0) <= 0) return;
        send([...pending].map((name) => `event: ${name}\ndata: {}\n\n`).join(""));
        pending.clear();
      };
      const unsubscribe = live.subscribe((event) => {
        const name = concerns(event);
        if (name === null) return;
        pending.add(name);
        timer ??= setTimeout(() => flush(), FOLD_MS);
      });
      const keepAlive = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) send(": still here\n\n");
      }, KEEP_ALIVE_MS);
      stop = () => {
        unsubscribe();
        clearInterval(keepAlive);
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        try {
          controller.close();
        } catch {
          // the viewer had closed it already
        }
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop);
      send("event: open\ndata: {}\n\n");
    },
    pull: () => flush(),
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" },
  });
}
