import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { insertChange } from "./store.ts";

export interface Change {
  competitionId: string;
  roundId?: string;
  entrantId?: string;
  /** A verb in the past: `edited`, `paused`, `extended`, `banned`, `advanced`, `rejudged`, `revealed` … */
  action: string;
  /** In the words of who did it. */
  reason?: string | undefined;
  /** What was before and after, for people to read. Never labels, seeds or secrets. */
  details?: Record<string, unknown>;
}

/**
 * Writes what an organizer or administrator did into the contest's history, in the transaction of the deed.
 * @returns its id there
 */
export async function recordChange(ctx: Context, tx: Tx, change: Change): Promise<Id<"competitionChange">> {
  const id = ctx.ids.next("competitionChange");
  await insertChange(tx, {
    id,
    competitionId: change.competitionId,
    roundId: change.roundId ?? null,
    entrantId: change.entrantId ?? null,
    action: change.action,
    reason: change.reason ?? null,
    details: change.details ?? {},
    actorId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    at: ctx.clock.now(),
  });
  return id;
}
