import { canonicalManifest, DomainError, type TreeEntry } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { sha256 } from "../platform/secrets.ts";
import { insertTree, ownedBlobs } from "./store.ts";

/**
 * Names a set of files that the team has sent as one tree; the same files give the same id.
 * @throws DomainError `invalid_request` for a file that was not sent, or whose size is another
 */
export async function createTree(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; entries: readonly TreeEntry[] },
): Promise<{ id: string; size: number }> {
  const hashes = [...new Set(input.entries.map((entry) => entry.sha256))];
  const owned = await ownedBlobs(tx, input.teamId, hashes);
  const problems = input.entries.flatMap((entry, index) => {
    const size = owned.get(entry.sha256);
    if (size === undefined)
      return [
        {
          path: `entries.${index}`,
          message: `"${entry.path}" has not been sent: PUT /blobs/${entry.sha256} first`,
        },
      ];
    return size === entry.size
      ? []
      : [{ path: `entries.${index}.size`, message: `"${entry.path}" has ${size} bytes` }];
  });
  if (problems.length > 0) {
    throw new DomainError("invalid_request", problems[0]?.message ?? "A file is missing.", {
      errors: problems.slice(0, 20),
    });
  }
  const manifest = canonicalManifest(input.entries);
  const id = sha256(manifest);
  const size = input.entries.reduce((sum, entry) => sum + entry.size, 0);
  const sorted = [...input.entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  await insertTree(tx, { id, size, entries: sorted, teamId: input.teamId, now: ctx.clock.now() });
  return { id, size };
}
