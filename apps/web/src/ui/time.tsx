import { useNow } from "../clock.ts";
import { between, clockTime, duration, fullTime, relativeTime, shortTime } from "../format/time.ts";

type Style = "relative" | "short" | "clock";

/** A moment in the reader's zone; the full value, with the zone, shows on hover. */
export function Time({ at, style = "relative" }: { at: string; style?: Style }) {
  const nowMs = useNow();
  const text =
    style === "relative" ? relativeTime(at, nowMs) : style === "short" ? shortTime(at) : clockTime(at);
  return (
    <time dateTime={at} title={fullTime(at)}>
      {text}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Lasted({ start, end }: { start: string; end: string | null }) {
  const nowMs = useNow();
  const title = end === null ? `since ${fullTime(start)}` : `${fullTime(start)} – ${fullTime(end)}`;
  return <span title={title}>{duration(between(start, end, nowMs))}</span>;
}
