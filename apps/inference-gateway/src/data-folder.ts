import { Database } from "bun:sqlite";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Id, idSchema } from "@podium/shared";

/** A gateway's folder: its identity, its last route table, its unsent usage. Held by one process at a time. */
export interface DataFolder {
  path: string;
  gatewayId: Id<"gateway">;
  release(): void;
}

/**
 * Opens the folder, making it and the gateway's id at the first start.
 * Throws a readable error when it can't be written or another gateway uses it.
 */
export async function openDataFolder(path: string, newId: () => Id<"gateway">): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const release = lock(path);
    return { path, gatewayId: await readOrMakeId(join(path, "gateway-id"), newId), release };
  } catch (error) {
    if (error instanceof FolderInUse) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `PODIUM_GATEWAY_DATA (${path}) can't be used: ${reason}. Point it at a folder that this user may write.`,
    );
  }
}

class FolderInUse extends Error {}

/** SQLite's file lock: the kernel drops it with the process, however that ends. */
function lock(path: string): () => void {
  const database = new Database(join(path, "lock.sqlite"), { create: true });
  try {
    database.run("PRAGMA locking_mode = EXCLUSIVE");
    database.run("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test(String(error))) throw error;
    throw new FolderInUse(
      `Another gateway uses ${path}. Stop it, or set PODIUM_GATEWAY_DATA to another folder.`,
    );
  }
  return () => database.close();
}

async function readOrMakeId(path: string, newId: () => Id<"gateway">): Promise<Id<"gateway">> {
  const schema = idSchema("gateway");
  try {
    return schema.parse((await readFile(path, "utf8")).trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const id = newId();
    await writeFile(`${path}.partial`, `${id}\n`, { mode: 0o600, flush: true });
    await rename(`${path}.partial`, path);
    return id;
  }
}
