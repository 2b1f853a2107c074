import { CHUNK_BYTES, canonicalManifest, type TreeEntry } from "@podium/shared";
import { createDigest, readLocal, type Taker } from "./read-local.ts";
import { scan } from "./scan.ts";

/** What a file or folder would be called as a tree; nothing is sent. Throws a `CliError` as a push would. */
export async function treeIdOf(path: string): Promise<string> {
  const room = Buffer.alloc(CHUNK_BYTES);
  const nobody: Taker = {
    room: async (size) => room.subarray(0, size),
    keep: () => undefined,
    turn: async () => undefined,
    keepPart: () => undefined,
  };
  const entries: TreeEntry[] = [];
  for (const file of scan(path)) {
    const { sha256, size } = await readLocal(file, nobody);
    entries.push({ path: file.path, sha256, size, mode: file.mode });
  }
  const digest = createDigest("sha256");
  digest.update(new TextEncoder().encode(canonicalManifest(entries)));
  return digest.digest("hex");
}
