import { useEffect, useRef, useState } from "react";
import { createNudge } from "./nudge.ts";

export type LiveState = "connecting" | "live" | "away";

const RETRY_MS = 3_000;

/**
 * Follows a stream of the hub. Each event name has its reaction, which fetches what changed; `open` comes on every
 * (re)connection and runs them all, so nothing that happened in a gap is missed.
 * @param url  address of the stream, or null to follow nothing
 */
export function useLive(url: string | null, reactions: Record<string, () => Promise<unknown>>): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const latest = useRef(reactions);
  latest.current = reactions;

  useEffect(() => {
    if (url === null) return;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource | undefined;
    let opened = false;
    const nudges = new Map(
      Object.keys(latest.current).map((name) => [name, createNudge(async () => latest.current[name]?.())]),
    );
    const connect = () => {
      source = new EventSource(url);
      source.addEventListener("open", () => {
        setState("live");
        // the page has just fetched when the first connection opens; later ones follow a gap
        if (opened) for (const nudge of nudges.values()) nudge();
        opened = true;
      });
      for (const [name, nudge] of nudges) source.addEventListener(name, nudge);
      source.addEventListener("error", () => {
        setState("away");
        // EventSource reconnects by itself unless the hub answered with an error: then it gives up
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
      });
    };
    connect();
    return () => {
      clearTimeout(retry);
      source?.close();
    };
  }, [url]);

  return state;
}
