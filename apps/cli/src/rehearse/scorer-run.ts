import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { printLogs } from "../follow.ts";
import type { Session } from "../types.ts";
import { type Check, doubtful, wrong } from "./check.ts";

/** A run of the organizer's scorer, as the organizer may read it; its entrant reads none of this. */
export type ScorerRun = Pick<Session, "name" | "failure" | "started_at" | "ended_at" | "timeout_ms"> & {
  /** what it printed */
  logBytes: number;
};

/** The newest runs of a team's scorers are looked at: a rehearsal waits for each before it asks for the next. */
const NEWEST = 20;
const MIB = 1024 ** 2;
/** Printed for each submission, this much hides what an organizer looks for, and fills the disk of a busy contest. */
const MUCH_LOG_BYTES = MIB;
/** Of its time limit: a node that others use too may need the rest. */
const NEARLY = 0.5;
/** The driver's words for a program that failed by itself (`score_driver.py`); all others say what it owes Podium. */
const CRASHED = /^The scoring program (ended with|was ended by)/;

/** The run that scored, or failed to score, a submission; null: Podium's own metrics alone read it. */
export async function scorerRunOf(cli: Cli, submissionId: string | null): Promise<ScorerRun | null> {
  if (submissionId === null) return null;
  const query = { kind: "score" as const, limit: NEWEST };
  const { items } = await ok(cli.api().GET("/api/v1/sessions", { params: { query } }));
  const session = items.find(({ memo }) => memo.endsWith(submissionId));
  if (!session) return null;
  let logBytes = 0;
  await printLogs(cli, session, 0, (text) => {
    logBytes += Buffer.byteLength(text) + 1;
  });
  return { ...session, logBytes };
}

/**
 * Why a scorer that failed on a file which is right must not go into a contest; null: it ended with an error of its own,
 * which may be what it says to a file of another form.
 */
export function faultOfScorer(what: string, { failure, timeout_ms }: ScorerRun): Check | null {
  if (!failure) return null;
  const { code, message } = failure;
  if (code === "timeout")
    return wrong(
      what,
      `your scorer does not end within its time limit (${inSeconds(timeout_ms)}): find out what it waits for, or raise scorer.timeout`,
    );
  if (code === "out_of_memory")
    return wrong(
      what,
      `your scorer takes too much memory: ${message} Load less at a time, or raise scorer.memory_bytes`,
    );
  if (code === "disk_full") return wrong(what, `your scorer writes too much: ${message}`);
  if (code !== "user_error")
    return wrong(what, `your scorer could not be run (${code}): ${message} Correct its image or packages`);
  if (CRASHED.test(message)) return null;
  return wrong(what, `your scorer gives no score: ${message}`);
}

/** What will be trouble in a long contest, of a run that gave a score. */
export function worriesAbout(what: string, run: ScorerRun): Check[] {
  const found: Check[] = [];
  if (run.logBytes > MUCH_LOG_BYTES)
    found.push(
      doubtful(
        `${what}: log`,
        `your scorer prints ${Math.ceil(run.logBytes / MIB)} MiB for one submission: print less`,
      ),
    );
  const { started_at, ended_at, timeout_ms } = run;
  const ms = started_at && ended_at ? Date.parse(ended_at) - Date.parse(started_at) : 0;
  if (ms > NEARLY * timeout_ms)
    found.push(
      doubtful(
        `${what}: time`,
        `your scorer took ${inSeconds(ms)} of ${inSeconds(timeout_ms)}: raise scorer.timeout, for nodes are not alone with it`,
      ),
    );
  return found;
}

const inSeconds = (ms: number) => `${Math.round(ms / 1000)} s`;
