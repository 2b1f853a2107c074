import { chown, open } from "node:fs/promises";
import type { Owner } from "../executors/executor.ts";

/** Makes the empty file that a build writes its output to; its path. */
export async function makeLog(path: string, owner: Owner | null): Promise<string> {
  await (await open(path, "a", 0o600)).close();
  if (owner) await chown(path, owner.uid, owner.gid);
  return path;
}
