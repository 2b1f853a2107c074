import type { AttemptReport, Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { endAttempt } from "./end.ts";
import { startMetering } from "./meter.ts";
import { findAttempt, lockSession, updateAttempt, updateSession } from "./store.ts";

const ORDER = ["placing", "preparing", "running", "stopping"];

/**
 * Takes a node's word for one of its attempts. Repeated, late or reordered reports change nothing that is newer:
 * states only move forward, and a stale epoch is discarded (invariant 2).
 */
export async function applyReport(
  ctx: Context,
  tx: Tx,
  nodeId: string,
  report: AttemptReport,
): Promise<void> {
  const found = await findAttempt(tx, report.attempt_id);
  if (!found || found.attempt.nodeId !== nodeId) return;
  const session = await lockSession(tx, found.session.id);
  if (!session || session.attemptId !== report.attempt_id || session.epoch !== report.epoch) return;
  const current = (await findAttempt(tx, report.attempt_id))?.attempt;
  if (!current || current.state === "ended" || current.state === "lost") return;

  if (report.state === "ended") {
    // Invariant 7: ended only once everything that it wrote is stored here.
    if (report.final_seq === null || current.ackedSeq < report.final_seq) return;
    const endedAt = clamp(report.ended_at, current.startedAt ?? current.createdAt, ctx.clock.now());
    await endAttempt(ctx, tx, current, session, {
      exitCode: report.exit_code,
      failure: report.failure,
      endedAt,
    });
    return;
  }
  if (ORDER.indexOf(report.state) <= ORDER.indexOf(current.state)) return;

  const startedAt = report.started_at ? clamp(report.started_at, current.createdAt, ctx.clock.now()) : null;
  await updateAttempt(tx, current.id, {
    state: report.state,
    ...(startedAt && !current.startedAt ? { startedAt } : {}),
  });
  if (startedAt && !current.startedAt) await startMetering(ctx, tx, current, session, startedAt);
  // A node says `stopping` of a script that ends by itself too; for the session it means that somebody asked.
  if (session.state !== "stopping" && report.state !== "stopping") {
    await updateSession(tx, session.id, {
      state: report.state,
      ...(startedAt && !session.startedAt ? { startedAt } : {}),
    });
    await emit(ctx, tx, {
      type: "session.changed",
      session_id: session.id as Id<"session">,
      team_id: session.teamId as Id<"team">,
    });
  }
}

/** A node's clock may be wrong: its times are believed only within what the hub knows. */
function clamp(at: string | null, earliest: Date, latest: Date): Date {
  const time = at === null ? latest.getTime() : new Date(at).getTime();
  return new Date(Math.min(Math.max(time, earliest.getTime()), latest.getTime()));
}
