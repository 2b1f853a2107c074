type Tone = "quiet" | "busy" | "good" | "bad" | "warn";

const TONES: Record<string, Tone> = {
  queued: "quiet",
  placing: "busy",
  preparing: "busy",
  running: "busy",
  stopping: "warn",
  paused: "warn",
  retrying: "warn",
  succeeded: "good",
  failed: "bad",
  stopped: "quiet",
  inferring: "busy",
  scoring: "busy",
  scored: "good",
  upcoming: "quiet",
  open: "good",
  closing: "warn",
  closed: "quiet",
  active: "good",
  eliminated: "quiet",
  withdrawn: "quiet",
  ready: "good",
  starting: "busy",
  draining: "warn",
  lost: "bad",
  done: "good",
};

/** A state as a word with a colour; the word alone carries the meaning. */
export function StatePill({ state }: { state: string }) {
  const tone = TONES[state] ?? "quiet";
  return (
    <span className={`pill pill-${tone}`}>
      <span className="pill-dot" aria-hidden="true" />
      {state}
    </span>
  );
}
