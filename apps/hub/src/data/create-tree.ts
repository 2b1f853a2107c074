import { createHash } from "node:crypto";
import { DomainError, manifestLine, type TreeEntry } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { holdOwnedBlobs, type Unfit } from "./blobs/store.ts";
import { PAGE_LENGTH } from "./trees/edit-manifest.ts";
import { insertTree } from "./trees/store.ts";

/**
 * Names a set of files that the team has sent as one tree; the same files give the same id. The files are held until
 * the tree names them, so that none is collected in between.
 * @throws DomainError `invalid_request` for a file that was not sent, or whose size is another
 */
export async function createTree(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; entries: readonly TreeEntry[] },
): Promise<{ id: string; size: number }> {
  const { teamId, entries } = input;
  requireSent(await holdOwnedBlobs(tx, teamId, entries), entries);
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  const { id, pages } = paginate(entries);
  const blobs = entries.map((entry) => entry.sha256);
  await insertTree(tx, { id, size, files: entries.length, pages, blobs, teamId, now: ctx.clock.now() });
  return { id, size };
}

/** @throws DomainError `invalid_request` that names the entries which are not as they should be */
export function requireSent(unfit: readonly Unfit[], entries: readonly TreeEntry[]): void {
  if (unfit.length === 0) return;
  const errors = unfit.map(({ index, size }) => {
    const entry = entries[index];
    return size === null
      ? {
          path: `entries.${index}`,
          message: `"${entry?.path}" has not been sent: PUT /blobs/${entry?.sha256} first`,
        }
      : { path: `entries.${index}.size`, message: `"${entry?.path}" has ${size} bytes` };
  });
  throw new DomainError("invalid_request", errors[0]?.message ?? "A file is missing.", { errors });
}

/** The canonical manifest in pages, and its SHA-256. */
function paginate(entries: readonly TreeEntry[]): { id: string; pages: string[] } {
  const hash = createHash("sha256");
  const pages: string[] = [];
  let page = "";
  const closePage = () => {
    hash.update(page);
    pages.push(page);
    page = "";
  };
  for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    page += manifestLine(entry);
    if (page.length >= PAGE_LENGTH) closePage();
  }
  if (page !== "") closePage();
  return { id: hash.digest("hex"), pages };
}
