import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { mountsBelow, runTool, unmountBelow } from "./mounts.ts";

/** A file system's own tables, for the smallest one that mkfs makes. */
const OVERHEAD_BYTES = 4 * 1024 ** 2;

/**
 * A file system of a fixed size in a sparse file: the kernel holds whoever writes to it to its size. It takes room on
 * the disk only for what is in it. `image` is its file, which must not exist. Throws what the system's tools said.
 */
export async function formatVolume(image: string, bytes: number) {
  const file = await open(image, "wx", 0o600);
  await file.truncate(bytes + OVERHEAD_BYTES);
  await file.close();
  // No journal: it is never used again after a crash of the machine, only read for what is left of a log.
  const options = ["-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard", "-m", "0"];
  const failed = await runTool(["mkfs.ext4", "-q", "-F", ...options, image]);
  if (failed !== null) throw new Error(`A session's disk could not be made: ${failed}`);
}

/** Mounts a volume on a folder, which need not exist; does nothing when it is mounted. */
export async function mountVolume(image: string, folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (mountsBelow(folder).includes(folder)) return;
  const options = "loop,nosuid,nodev,noatime,discard,noinit_itable";
  const failed = await runTool(["mount", "-t", "ext4", "-o", options, image, folder]);
  if (failed !== null) throw new Error(`A session's disk could not be mounted: ${failed}`);
}

/** Unmounts and deletes a volume, also one that was made only half. */
async function removeVolume(image: string, folder: string) {
  await unmountBelow(folder);
  await rm(image, { force: true });
}

/** Null when this user can make volumes on this machine, else why not. Tried out in `folder`. */
export async function whyNoVolumes(folder: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return "the runner is not root";
  const [image, mounted] = [join(folder, "trial.img"), join(folder, "trial")];
  try {
    await removeVolume(image, mounted);
    await formatVolume(image, OVERHEAD_BYTES);
    await mountVolume(image, mounted);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await removeVolume(image, mounted);
    await rm(mounted, { recursive: true, force: true });
  }
}
