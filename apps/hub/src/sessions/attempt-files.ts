import { DomainError } from "@podium/shared";
import {
  blobsOfTrees,
  findTree,
  mayReadTree,
  type OpenFile,
  openFile,
  ownedBlobs,
  packOf,
  type TreeRow,
} from "../data/index.ts";
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
  const over = attempt.state === "ended" || attempt.state === "lost" || session.epoch !== attempt.epoch;
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

/** Which of these files the attempt may read, with their sizes: those of the trees that it mounts, for training also its team's (`load`). */
async function readable(
  ctx: Context,
  session: SessionRow,
  names: readonly string[],
): Promise<Map<string, number>> {
  const mounted = await blobsOfTrees(ctx.db, mountedTrees(session), names);
  const others = names.filter((name) => !mounted.has(name));
  if (session.kind !== "train" || others.length === 0) return mounted;
  return new Map([...mounted, ...(await ownedBlobs(ctx.db, session.teamId, others))]);
}

/** A file that the attempt may read. @throws DomainError `not_found` */
export async function blobOfAttempt(ctx: Context, session: SessionRow, sha256: string): Promise<OpenFile> {
  const allowed = (await readable(ctx, session, [sha256])).has(sha256);
  const file = allowed ? await openFile(ctx, sha256) : null;
  if (!file) throw new DomainError("not_found", "This attempt has no such file.");
  return file;
}

/** Small files that the attempt may read, as one pack in the order asked. @throws DomainError `not_found`, `invalid_request` */
export async function packOfAttempt(
  ctx: Context,
  session: SessionRow,
  names: readonly string[],
): Promise<AsyncGenerator<Uint8Array>> {
  const sizes = await readable(ctx, session, names);
  const unknown = names.find((name) => !sizes.has(name));
  if (unknown) throw new DomainError("not_found", `This attempt has no file ${unknown}.`);
  return packOf(ctx, names, sizes);
}

/** Team that owns what the session writes. */
export function outputTeam(session: SessionRow): string {
  return session.outputTeamId ?? session.teamId;
}
