import type { AttemptReport, Id } from "@podium/shared";
import { recordMount } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { storableJson } from "../platform/storable.ts";
import { endAttempt } from "./end.ts";
import { membersOf } from "./gangs/store.ts";
import { hasFallen, startOf, stateOf } from "./gangs/whole.ts";
import { startMetering } from "./meter.ts";
import {
  type AttemptRow,
  lockLiveAttempt,
  lockSessionOfAttempt,
  type SessionRow,
  updateAttempt,
  updateSession,
} from "./store.ts";

const ORDER = ["placing", "preparing", "running", "stopping"];

/** False when the report says nothing that `applyReport` would act on: most of a heartbeat, decided without a lock. */
export function isNews(report: AttemptReport, attempt: AttemptRow): boolean {
  if (report.epoch !== attempt.epoch) return false;
  if (report.state !== "ended") return ORDER.indexOf(report.state) > ORDER.indexOf(attempt.state);
  return attempt.endedAt === null || isStored(report, attempt);
}

/** Invariant 7: an attempt has ended only once everything that it wrote is stored here. */
function isStored(report: AttemptReport, attempt: AttemptRow): boolean {
  return report.final_seq !== null && attempt.ackedSeq >= report.final_seq;
}

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
  const session = await lockSessionOfAttempt(tx, report.attempt_id);
  const current = session ? await lockLiveAttempt(tx, report.attempt_id) : null;
  if (!session || !current || current.nodeId !== nodeId || !isNews(report, current)) return;

  const attempt = await noteStart(ctx, tx, current, session, report);
  if (report.state === "ended") return takeEnd(ctx, tx, attempt, session, report);

  await updateAttempt(tx, attempt.id, { state: report.state });
  // A node says `stopping` of a script that ends by itself too; for the session it means that somebody asked.
  if (session.state === "stopping" || report.state === "stopping") return;
  await updateSession(tx, session.id, await newState(tx, session, attempt, report.state));
  await emit(ctx, tx, {
    type: "session.changed",
    session_id: session.id as Id<"session">,
    team_id: session.teamId as Id<"team">,
  });
}

/** A gang runs once all of it does; one that has lost a member stays as it was until it is over. */
async function newState(
  tx: Tx,
  session: SessionRow,
  attempt: AttemptRow,
  reported: "preparing" | "running",
): Promise<Partial<SessionRow>> {
  const members = session.nodes > 1 ? await membersOf(tx, session) : null;
  const startedAt = members ? startOf(members) : attempt.startedAt;
  const state = members ? (hasFallen(members) ? session.state : stateOf(members)) : reported;
  return { state, ...(startedAt ? { startedAt } : {}) };
}

/** The user's code has begun, perhaps long before the hub could hear of it: from then on its time is paid for. */
async function noteStart(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  { datasets }: SessionRow,
  report: AttemptReport,
) {
  if (attempt.startedAt || !report.started_at) return attempt;
  const startedAt = clamp(report.started_at, attempt.createdAt, ctx.clock.now());
  await updateAttempt(tx, attempt.id, { startedAt });
  await startMetering(tx, attempt.id, startedAt);
  await recordMount(
    ctx,
    tx,
    datasets.flatMap((mount) => mount.dataset_id ?? []),
  );
  return { ...attempt, startedAt };
}

async function takeEnd(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  report: AttemptReport,
): Promise<void> {
  const earliest = attempt.startedAt ?? attempt.createdAt;
  const endedAt = attempt.endedAt ?? clamp(report.ended_at, earliest, ctx.clock.now());
  if (!isStored(report, attempt)) {
    // Its records are still on their way; its time is not paid for any longer.
    await updateAttempt(tx, attempt.id, { endedAt });
    return;
  }
  const { exit_code: exitCode, failure, was_ended: wasEnded } = report;
  const ending = { exitCode, failure: storableJson(failure), endedAt, wasEnded };
  await endAttempt(ctx, tx, attempt, session, ending);
}

/** A node's clock may be wrong: its times are believed only within what the hub knows. */
function clamp(at: string | null, earliest: Date, latest: Date): Date {
  const time = at === null ? latest.getTime() : new Date(at).getTime();
  return new Date(Math.max(Math.min(time, latest.getTime()), earliest.getTime()));
}
