import { DomainError, type Id, type SpoolRecord } from "@podium/shared";
import { createTree } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import {
  attemptOfNode,
  lockSession,
  moveCursor,
  outputTeam,
  type SessionRow,
  updateSession,
} from "../sessions/index.ts";
import { positionOf } from "./position.ts";
import { insertLogs, insertMetrics, upsertCheckpoint } from "./store.ts";

/**
 * Stores what an attempt wrote, exactly once and in order. What is stored already is skipped; a gap is refused,
 * so that the runner sends from where the hub is. Rows and cursor move in one transaction.
 * @returns the highest record that is stored
 * @throws DomainError `stale_epoch`, `invalid_request` for a gap
 */
export async function storeRecords(
  ctx: Context,
  attemptId: string,
  epoch: number,
  records: readonly SpoolRecord[],
): Promise<number> {
  const { attempt, session } = await attemptOfNode(ctx, attemptId, epoch);
  const fresh = records.filter((record) => record.seq > attempt.ackedSeq);
  if (fresh.length === 0) return attempt.ackedSeq;
  fresh.forEach((record, index) => {
    if (record.seq !== attempt.ackedSeq + 1 + index) {
      throw new DomainError("invalid_request", `Record ${attempt.ackedSeq + 1 + index} is missing.`, {
        acked_seq: attempt.ackedSeq,
      });
    }
  });
  const last = attempt.ackedSeq + fresh.length;

  return ctx.db.transaction(async (tx) => {
    // Locks go session → attempt everywhere, so that a heartbeat and a post of records can't wait for one another.
    await lockSession(tx, session.id);
    if (!(await moveCursor(tx, attemptId, epoch, attempt.ackedSeq, last))) {
      throw new DomainError(
        "stale_epoch",
        "This attempt is over or was written to by someone else. Ask for its state again.",
      );
    }
    await storeLinesAndPoints(tx, attemptId, epoch, session.id, fresh);
    await storeOutputs(ctx, tx, session, fresh);
    await emit(ctx, tx, {
      type: "session.recorded",
      session_id: session.id as Id<"session">,
      team_id: session.teamId as Id<"team">,
    });
    return last;
  });
}

async function storeLinesAndPoints(
  tx: Tx,
  attemptId: string,
  epoch: number,
  sessionId: string,
  records: readonly SpoolRecord[],
): Promise<void> {
  const place = (seq: number) => ({ attemptId, seq, sessionId, position: positionOf(epoch, seq) });
  const lines = records.flatMap((record) =>
    record.type === "log"
      ? [{ ...place(record.seq), at: new Date(record.at), text: record.text.replaceAll("\u0000", "\ufffd") }]
      : [],
  );
  const points = records.flatMap((record) =>
    record.type !== "metric"
      ? []
      : Object.entries(record.values).map(([name, value]) => ({
          ...place(record.seq),
          name,
          step: record.step,
          value,
          at: new Date(record.at),
        })),
  );
  await insertLogs(tx, lines);
  await insertMetrics(tx, points);
}

async function storeOutputs(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  records: readonly SpoolRecord[],
): Promise<void> {
  const teamId = outputTeam(session);
  const summary: Record<string, number> = {};
  for (const record of records) {
    if (record.type === "metric" && record.summary) {
      for (const [name, value] of Object.entries(record.values)) if (value !== null) summary[name] = value;
    }
    if (record.type === "checkpoint") {
      const tree = await createTree(ctx, tx, { teamId, entries: record.entries });
      const { name, metrics } = record;
      await upsertCheckpoint(tx, {
        id: ctx.ids.next("checkpoint"),
        sessionId: session.id,
        name,
        treeId: tree.id,
        sizeBytes: tree.size,
        metrics,
        createdAt: new Date(record.at),
      });
    }
    if (record.type === "output") {
      await updateSession(tx, session.id, {
        outputTree: (await createTree(ctx, tx, { teamId, entries: record.entries })).id,
      });
    }
  }
  if (Object.keys(summary).length > 0)
    await updateSession(tx, session.id, { summary: { ...session.summary, ...summary } });
}
