import { DomainError, type Id, type Progress, type SpoolRecord } from "@podium/shared";
import { createTree } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { storable, storableJson } from "../platform/storable.ts";
import {
  attemptOfNode,
  lockSessionOfAttempt,
  moveCursor,
  outputTeam,
  type SessionRow,
  storedByOthers,
  updateSession,
} from "../sessions/index.ts";
import { positionOf } from "./position.ts";
import { insertLogs, insertMetrics, upsertCheckpoint } from "./store.ts";

/** A session's summary is shown whole wherever the session is: names beyond so many are left out of it. */
const MAX_SUMMARY = 500;
/** A record's time is the word of hostile code: it is believed within a day of the hub's own. */
const DAY_MS = 86_400_000;

/**
 * Stores what an attempt wrote, exactly once and in order. What is stored already is skipped; a gap is refused,
 * so that the runner sends from where the hub is. Rows and cursor move in one transaction, under the session's lock:
 * the same records posted twice at a time are stored once, and both posts succeed.
 * @returns the highest record that is stored
 * @throws DomainError `stale_epoch`, `invalid_request` for a gap
 */
export async function storeRecords(
  ctx: Context,
  attemptId: string,
  epoch: number,
  records: readonly SpoolRecord[],
): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    await lockSessionOfAttempt(tx, attemptId);
    const { attempt, session } = await attemptOfNode(ctx, attemptId, epoch, tx);
    const fresh = records.filter((record) => record.seq > attempt.ackedSeq);
    if (fresh.length === 0) return attempt.ackedSeq;
    refuseGap(fresh, attempt.ackedSeq);

    const last = attempt.ackedSeq + fresh.length;
    if (!(await moveCursor(tx, attemptId, epoch, attempt.ackedSeq, last)))
      throw new Error(`The cursor of ${attemptId} moved under the session's lock.`);
    const before = session.nodes > 1 ? await storedByOthers(tx, session, attemptId) : 0;
    await storeLinesAndPoints(ctx, tx, { attemptId, epoch, sessionId: session.id, before }, fresh);
    await storeOutputs(ctx, tx, session, attempt.rank, fresh);
    await emit(ctx, tx, {
      type: "session.recorded",
      session_id: session.id as Id<"session">,
      team_id: session.teamId as Id<"team">,
    });
    return last;
  });
}

function refuseGap(fresh: readonly SpoolRecord[], acked: number): void {
  const gap = fresh.findIndex((record, index) => record.seq !== acked + 1 + index);
  if (gap >= 0)
    throw new DomainError("invalid_request", `Record ${acked + 1 + gap} is missing.`, { acked_seq: acked });
}

interface Place {
  attemptId: string;
  epoch: number;
  sessionId: string;
  /** records of the gang's other members that are stored already */
  before: number;
}

async function storeLinesAndPoints(
  ctx: Context,
  tx: Tx,
  { attemptId, epoch, sessionId, before }: Place,
  records: readonly SpoolRecord[],
): Promise<void> {
  const place = ({ seq, at }: SpoolRecord) => ({
    attemptId,
    seq,
    sessionId,
    position: positionOf(epoch, before + seq),
    at: believable(ctx, at),
  });
  const lines = records.flatMap((record) =>
    record.type === "log" ? [{ ...place(record), text: storable(record.text) }] : [],
  );
  const points = records.flatMap((record) =>
    record.type !== "metric"
      ? []
      : Object.entries(storableJson(record.values)).map(([name, value]) => ({
          ...place(record),
          name,
          step: record.step,
          value,
        })),
  );
  await insertLogs(tx, lines);
  await insertMetrics(tx, points);
}

function believable(ctx: Context, at: string): Date {
  const now = ctx.clock.now().getTime();
  return new Date(Math.min(Math.max(new Date(at).getTime(), now - DAY_MS), now + DAY_MS));
}

async function storeOutputs(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  rank: number,
  records: readonly SpoolRecord[],
): Promise<void> {
  const teamId = outputTeam(session);
  const summary = { ...session.summary };
  let { progress } = session;
  for (const record of records) {
    // What a gang as a whole has come to, its first member says: the others report the same of their part.
    if (record.type === "metric" && record.summary && rank === 0) addToSummary(summary, record.values);
    if (record.type === "progress" && rank === 0) progress = progressOf(record);
    if (record.type === "checkpoint") {
      const tree = await createTree(ctx, tx, { teamId, entries: record.entries });
      const name = storable(record.name);
      await updateSession(tx, session.id, { latestCheckpoint: { name, tree_id: tree.id } });
      await upsertCheckpoint(tx, {
        id: ctx.ids.next("checkpoint"),
        sessionId: session.id,
        name,
        treeId: tree.id,
        sizeBytes: tree.size,
        metrics: storableJson(record.metrics),
        createdAt: believable(ctx, record.at),
      });
    }
    if (record.type === "output") {
      const tree = await createTree(ctx, tx, { teamId, entries: record.entries });
      await updateSession(tx, session.id, { outputTree: tree.id });
    }
  }
  if (!Bun.deepEquals({ summary, progress }, { summary: session.summary, progress: session.progress }))
    await updateSession(tx, session.id, { summary, progress });
}

/** The word of hostile code: never more than all, and nothing below none. */
function progressOf({ done, total }: Progress): Progress {
  const all = Math.max(0, total);
  return { done: Math.min(Math.max(0, done), all), total: all };
}

function addToSummary(summary: Record<string, number>, values: Record<string, number | null>): void {
  for (const [name, value] of Object.entries(storableJson(values))) {
    if (value === null || (!Object.hasOwn(summary, name) && Object.keys(summary).length >= MAX_SUMMARY))
      continue;
    summary[name] = value;
  }
}
