import type { LiveState } from "../api/live.ts";

const TEXT: Record<LiveState, string> = { connecting: "Connecting", live: "Live", away: "Reconnecting" };
const TITLE: Record<LiveState, string> = {
  connecting: "Connecting to the hub's live stream",
  live: "Changes appear here by themselves",
  away: "The live stream is interrupted; this page reconnects by itself and then catches up",
};

/** Says whether the page follows changes by itself at the moment. */
export function LiveMark({ state }: { state: LiveState }) {
  return (
    <span className={`live live-${state}`} title={TITLE[state]} role="status">
      <span className="live-dot" aria-hidden="true" />
      {TEXT[state]}
    </span>
  );
}
