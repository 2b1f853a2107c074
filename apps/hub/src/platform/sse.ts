import type { PodiumEvent } from "@podium/shared";
import type { Live } from "./live.ts";

const KEEP_ALIVE_MS = 15_000;

/**
 * A stream of server-sent events that tells a viewer *that* something changed; the page then fetches it.
 * Bursts are folded: at most one message is waiting for a slow viewer.
 */
export function streamChanges(
  live: Live,
  concerns: (event: PodiumEvent) => string | null,
  signal: AbortSignal,
): Response {
  const encoder = new TextEncoder();
  let stop: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const pending = new Set<string>();
      let scheduled = false;
      const send = (text: string) => {
        try {
          controller.enqueue(encoder.encode(text));
        } catch {
          stop();
        }
      };
      const flush = () => {
        scheduled = false;
        for (const name of pending) send(`event: ${name}\ndata: {}\n\n`);
        pending.clear();
      };
      const unsubscribe = live.subscribe((event) => {
        const name = concerns(event);
        if (name === null) return;
        pending.add(name);
        if (scheduled) return;
        scheduled = true;
        setTimeout(flush, 50);
      });
      const keepAlive = setInterval(() => send(": still here\n\n"), KEEP_ALIVE_MS);
      stop = () => {
        unsubscribe();
        clearInterval(keepAlive);
        try {
          controller.close();
        } catch {
          // the viewer had closed it already
        }
      };
      signal.addEventListener("abort", stop, { once: true });
      send("event: open\ndata: {}\n\n");
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" },
  });
}
