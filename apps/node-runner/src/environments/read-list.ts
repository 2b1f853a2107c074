import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere } from "../data/files.ts";
import { BuildFailed } from "./build-failed.ts";

const MAX_BYTES = 1024 ** 2;

/**
 * The text of a file that lists what is to be installed, or null when there is none. @throws BuildFailed for one that
 * lists nothing that anybody installs: all of it is in memory, line by line
 */
export async function readList(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name);
  const size = (await lstat(path).catch(() => null))?.size ?? 0;
  if (size > MAX_BYTES)
    throw new BuildFailed(`${name} has ${size} bytes; a list of packages may have ${MAX_BYTES}.`);
  return readIfThere(path);
}
