import { rm } from "node:fs/promises";

/**
 * Deletes a folder with all in it. A session may have taken away the permissions of its own folders:
 * they are given back first. Never follows a link.
 */
export async function removeFolder(path: string) {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await openUp(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** coreutils' chmod walks by descriptors: folders may lie so deep that they have no path. What it can't do, rm says. */
async function openUp(path: string) {
  const chmod = Bun.spawn(["chmod", "-R", "u+rwX", "--", path], {
    env: { PATH: "/usr/bin:/bin" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  await chmod.exited;
}
