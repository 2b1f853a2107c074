import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { ownSession } from "../show.ts";
import { isEnded } from "../stop.ts";
import { lockSession, updateSession } from "../store.ts";

/** Says, each in words for people, what later domains still need a session for; asked while it is locked. */
export type FindSessionUses = (tx: Tx, sessionId: string) => Promise<string[]>;

/**
 * Removes a session that has ended for everybody, for good. Its row stays for those that name it: the ledger and its
 * forks. The files of its code and checkpoints are collected once nothing else names them.
 * @throws DomainError `not_found`, `forbidden`, `conflict` with the reasons while something needs it
 */
export async function removeSession(
  ctx: Context,
  tx: Tx,
  id: string,
  uses: readonly FindSessionUses[],
): Promise<void> {
  await ownSession(ctx, id, tx);
  const session = await lockSession(tx, id);
  if (!session || session.removedAt) throw new DomainError("not_found", `There is no session ${id}.`);
  if (!isEnded(session.state))
    throw new DomainError(
      "conflict",
      `${session.name} is ${session.state}: stop it first (podium stop ${session.name}).`,
    );
  const reasons: string[] = [];
  for (const find of uses) reasons.push(...(await find(tx, id)));
  if (reasons.length > 0)
    throw new DomainError("conflict", `${session.name} is needed: ${reasons.join("; ")}.`, { reasons });
  await updateSession(tx, id, {
    removedAt: ctx.clock.now(),
    checkpoint: null,
    latestCheckpoint: null,
    outputTree: null,
    input: null,
    datasets: [],
  });
  await emit(ctx, tx, {
    type: "session.changed",
    session_id: session.id as Id<"session">,
    team_id: session.teamId as Id<"team">,
  });
}
