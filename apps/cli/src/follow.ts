import { ENDED_STATES } from "@podium/shared";
import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { EXIT } from "./errors.ts";
import { ChangeStream } from "./live.ts";
import { patiently } from "./retry.ts";
import type { Session } from "./types.ts";

const LOOK_AGAIN_MS = 3_000;
const LINES_AT_ONCE = 1000;

export interface FollowEvents {
  onLine(text: string): void;
  /** Each state on the way; how it ended is the answer. */
  onState(session: Session): void;
  /** The hub can't be reached for now; it is waited for, about a minute. */
  onAway(error: Error): void;
}

export function hasEnded(session: Session): boolean {
  return (ENDED_STATES as readonly string[]).includes(session.state);
}

/** Exit code of a session: 0 succeeded, 1 failed, 3 stopped. */
export function exitCodeOf(session: Session): number {
  if (session.state === "succeeded") return 0;
  return session.state === "stopped" ? EXIT.stopped : EXIT.failed;
}

/**
 * Hands over a session's log lines and states as they come, until it has ended and every line was shown. The place in
 * the log is kept here: a hub that is restarted meanwhile costs no line and repeats none.
 * Null when the signal broke it off; the session itself goes on.
 */
export async function followSession(
  cli: Cli,
  session: Session,
  events: FollowEvents,
  signal: AbortSignal,
): Promise<Session | null> {
  const api = cli.api();
  const params = { path: { id: session.id } };
  const stream = new ChangeStream(api, `/api/v1/sessions/${session.id}/stream`);
  signal.addEventListener("abort", () => stream.close(), { once: true });
  let current = session;
  events.onState(current);
  try {
    let afterSeq = 0;
    while (!signal.aborted) {
      const notices = await stream.next(LOOK_AGAIN_MS);
      if (signal.aborted) break;
      if (notices.has("changed") || notices.has("open") || notices.size === 0) {
        const latest = await patiently(() => ok(api.GET("/api/v1/sessions/{id}", { params })), events.onAway);
        if (latest.state !== current.state && !hasEnded(latest)) events.onState(latest);
        current = latest;
      }
      const onLine = (text: string, seq: number) => {
        afterSeq = seq;
        events.onLine(text);
      };
      const logs = await patiently(() => printLogs(cli, session, afterSeq, onLine), events.onAway);
      afterSeq = logs.afterSeq;
      if (logs.complete) return await ok(api.GET("/api/v1/sessions/{id}", { params }));
    }
    return null;
  } finally {
    stream.close();
  }
}

/** Hands over the log lines after a place in the log, page by page (a gang's with who said it); says whether there will be more. */
export async function printLogs(
  cli: Cli,
  { id, nodes }: Pick<Session, "id" | "nodes">,
  after: number,
  onLine: (text: string, seq: number) => void,
): Promise<{ afterSeq: number; complete: boolean }> {
  let afterSeq = after;
  for (;;) {
    const query = { after_seq: afterSeq, limit: LINES_AT_ONCE };
    const page = await ok(cli.api().GET("/api/v1/sessions/{id}/logs", { params: { path: { id }, query } }));
    for (const { rank, text, seq } of page.items) onLine(nodes > 1 ? `[${rank}] ${text}` : text, seq);
    const last = page.items.at(-1);
    if (last) afterSeq = last.seq;
    if (page.items.length < LINES_AT_ONCE) return { afterSeq, complete: page.complete };
  }
}

/** Runs the work with a signal that Ctrl-C aborts instead of killing this process. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const onInterrupt = () => abort.abort();
  process.once("SIGINT", onInterrupt);
  try {
    return await work(abort.signal);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
