import { createHash } from "node:crypto";
import { DomainError, MAX_TREE_ENTRIES } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { holdOwnedBlobs } from "./blobs/store.ts";
import { requireSent } from "./create-tree.ts";
import { type Change, editManifest } from "./trees/edit-manifest.ts";
import { holdOwnTree, insertTree, manifestPages, type TreeRow } from "./trees/store.ts";

/** Longest manifest that is changed: it is in memory as a whole. One sent whole is bounded by its request. */
const MAX_MANIFEST_LENGTH = 64 * 1024 ** 2;

/**
 * Makes the very tree that `createTree` makes of all its files, from one that the team has pushed and what is different:
 * of 100,000 files only those that changed travel, and are checked. The base is held until the tree is there, and so are
 * the files that both name.
 * @throws DomainError `not_found` when the base is gone or another team's: send all files then; `invalid_request` for a
 * file that was not sent, or a change that doesn't fit the base
 */
export async function changeTree(
  ctx: Context,
  tx: Tx,
  input: Change & { teamId: string; base: string },
): Promise<{ id: string; size: number }> {
  const { teamId, entries } = input;
  const base = await holdOwnTree(tx, input.base, teamId);
  if (!base)
    throw new DomainError(
      "not_found",
      `Your team has pushed no tree ${input.base}, or it is gone. Send all files instead of a difference.`,
    );
  requireSent(await holdOwnedBlobs(tx, teamId, entries), entries);
  const { pages, dropped, ...by } = await edit(tx, base, input);
  const hash = createHash("sha256");
  for (const page of pages) hash.update(page);
  const tree = { id: hash.digest("hex"), size: base.size + by.size };
  const added = entries.map((entry) => entry.sha256);
  const blobs = { base, added, dropped };
  await insertTree(tx, { ...tree, files: base.files + by.files, pages, blobs, teamId, now: ctx.clock.now() });
  return tree;
}

async function edit(tx: Tx, base: TreeRow, change: Change) {
  const pages: string[] = [];
  let length = 0;
  for await (const page of manifestPages(tx, base.id)) {
    length += page.length;
    if (length > MAX_MANIFEST_LENGTH)
      throw new DomainError(
        "invalid_request",
        "The base's list of files is too long to be changed. Send all files.",
      );
    pages.push(page);
  }
  const edited = editManifest(pages, change);
  const [problem] = edited.problems;
  if (problem) throw new DomainError("invalid_request", problem.message, { errors: edited.problems });
  if (base.files + edited.files > MAX_TREE_ENTRIES)
    throw new DomainError("invalid_request", `A tree may have at most ${MAX_TREE_ENTRIES} files.`);
  return edited;
}
