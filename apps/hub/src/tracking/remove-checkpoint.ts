import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { isEnded, lockSession, ownSession, updateSession } from "../sessions/index.ts";
import { requireCheckpoint } from "./find-checkpoint.ts";
import { deleteCheckpoint, listCheckpoints } from "./store.ts";

/** Says, each in words for people, what later domains still need a checkpoint for. */
export type FindCheckpointUses = (tx: Tx, sessionId: string, checkpoint: string) => Promise<string[]>;

/**
 * Removes a checkpoint for good. What began from it or serves it keeps its own hold of the files; once nothing names
 * them they are collected.
 * @throws DomainError `not_found`, `forbidden`, `conflict` with the reasons while something needs it
 */
export async function removeCheckpoint(
  ctx: Context,
  tx: Tx,
  { sessionId, name }: { sessionId: string; name: string },
  uses: readonly FindCheckpointUses[],
): Promise<void> {
  await ownSession(ctx, sessionId);
  const session = await lockSession(tx, sessionId);
  if (!session || session.removedAt)
    throw new DomainError("not_found", `There is no session ${sessionId} that you may see.`);
  const checkpoint = await requireCheckpoint(tx, session, name);
  const isLatest = session.latestCheckpoint?.name === name;
  const reasons = isLatest && !isEnded(session.state) ? [`${session.name} goes on from it`] : [];
  for (const find of uses) reasons.push(...(await find(tx, sessionId, name)));
  if (reasons.length > 0)
    throw new DomainError("conflict", `Checkpoint "${name}" is needed: ${reasons.join("; ")}.`, { reasons });
  await deleteCheckpoint(tx, checkpoint.id);
  if (!isLatest) return;
  const before = (await listCheckpoints(tx, sessionId)).at(-1);
  await updateSession(tx, sessionId, {
    latestCheckpoint: before ? { name: before.name, tree_id: before.treeId } : null,
  });
}
