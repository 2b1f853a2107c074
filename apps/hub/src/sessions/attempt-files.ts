import { DomainError } from "@podium/shared";
import { findTree, mayReadTree, ownedBlobs, putBlob, type TreeRow, treesHoldBlob } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Db, Tx } from "../platform/database.ts";
import { type AttemptRow, findAttempt, type SessionRow } from "./store.ts";

/**
 * The live attempt that a node speaks for. A node's token names that node alone, so it reaches only what was
 * placed on it. @throws DomainError `not_found`, `stale_epoch`
 */
export async function attemptOfNode(
  ctx: Context,
  attemptId: string,
  epoch: number,
  db: Db | Tx = ctx.db,
): Promise<{ attempt: AttemptRow; session: SessionRow }> {
  if (ctx.actor.kind !== "node")
    throw new DomainError("unauthenticated", "Only a node may ask this: send its token.");
  const found = await findAttempt(db, attemptId);
  if (!found || found.attempt.nodeId !== ctx.actor.nodeId)
    throw new DomainError("not_found", "This node has no such attempt.");
  const { attempt, session } = found;
  const over = attempt.state === "ended" || attempt.state === "lost" || session.attemptId !== attempt.id;
  if (over || session.epoch !== epoch) {
    throw new DomainError(
      "stale_epoch",
      "This attempt is over: the session has ended or runs elsewhere. Stop it.",
    );
  }
  return found;
}

/** A tree that the attempt mounts. Sessions that see hidden inputs get their own trees and nothing else. */
export async function treeOfAttempt(ctx: Context, session: SessionRow, treeId: string): Promise<TreeRow> {
  const allowed =
    mountedTrees(session).includes(treeId) ||
    (session.kind === "train" && (await mayReadTree(ctx.db, treeId, [session.teamId])));
  const tree = allowed ? await findTree(ctx.db, treeId) : null;
  if (!tree) throw new DomainError("not_found", "This attempt has no such tree.");
  return tree;
}

function mountedTrees(session: SessionRow): string[] {
  const { codeTree, checkpoint, input, datasets } = session;
  const trees = [codeTree, checkpoint?.tree_id, input?.tree_id, ...datasets.map((mount) => mount.tree_id)];
  return trees.filter((tree) => tree !== undefined);
}

/** A file of the trees that the attempt mounts; for training also of other trees of its team (`load`). */
export async function blobOfAttempt(ctx: Context, session: SessionRow, sha256: string): Promise<Blob> {
  const mounted = await treesHoldBlob(ctx.db, mountedTrees(session), sha256);
  const own = session.kind === "train" && (await ownedBlobs(ctx.db, session.teamId, [sha256])).size > 0;
  const blob = mounted || own ? await ctx.blobs.get(sha256) : null;
  if (!blob) throw new DomainError("not_found", "This attempt has no such file.");
  return blob;
}

/** Team that owns what the session writes. */
export function outputTeam(session: SessionRow): string {
  return session.outputTeamId ?? session.teamId;
}

/** Stores a file that the session wrote. */
export async function putOutput(
  ctx: Context,
  session: SessionRow,
  sha256: string,
  body: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<void> {
  await putBlob(ctx, { teamId: outputTeam(session), sha256, body });
}
