import { dirname } from "node:path";
import { syncFile } from "./files.ts";

/** Up to so many files are synced one by one; for more, one sync of their file system costs less. */
const ONE_BY_ONE = 16;

/** Returns once the contents of the files are on the disk. All of them must lie on one file system. */
export async function syncContents(paths: readonly string[]) {
  const [first] = paths;
  if (first === undefined) return;
  if (paths.length > ONE_BY_ONE) return syncFileSystem(first);
  for (const path of paths) await syncFile(path);
}

/** Returns once the names of the files are on the disk. */
export async function syncNames(paths: readonly string[]) {
  await syncContents([...new Set(paths.map((path) => dirname(path)))]);
}

/** coreutils' `sync -f`: there is no syncfs in Bun, and a process of its own doesn't block this one. */
async function syncFileSystem(path: string) {
  const sync = Bun.spawn(["sync", "--file-system", path], { stdout: "ignore", stderr: "pipe" });
  if ((await sync.exited) === 0) return;
  throw new Error(
    `The disk under ${path} can't be synced: ${(await new Response(sync.stderr).text()).trim()}`,
  );
}
