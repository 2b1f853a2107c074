import { existsSync } from "node:fs";
import { mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder } from "../data/remove.ts";
import type { Log } from "../log.ts";
import { measure } from "./measure.ts";
import { unmountBelow } from "./mounts.ts";
import { SpareVolumes } from "./spare-volumes.ts";
import { mountVolume, whyNoVolumes } from "./volume.ts";

/** With less than this left a write may fail: ext4 keeps some hundred KiB to itself, and a write may be that large. */
const FULL_BELOW_BYTES = 2 * 1024 ** 2;

/** Folders of one attempt that the session fills, and how far it may. */
export interface ScratchFolders {
  root: string;
  /** Its code, home, temporary and output folders lie below. */
  session: string;
  /** Its log lies below. */
  log: string;
}

/**
 * Where sessions write. As volumes, the kernel holds each to its limit; as plain folders (when the runner is not root,
 * or the machine has no loop devices) what they take is measured now and then.
 */
export class Scratch {
  /** `spares` is null where sessions are not held to their limits by the kernel. */
  private constructor(private readonly spares: SpareVolumes | null) {}

  get isLimited() {
    return this.spares !== null;
  }

  /** `wanted`: `auto` takes volumes where they work. Throws one readable line when they must and don't. */
  static async open(dataFolder: string, wanted: "auto" | "volume" | "folder", log: Log): Promise<Scratch> {
    const reason =
      wanted === "folder" ? "PODIUM_SCRATCH is folder" : await whyNoVolumes(join(dataFolder, "tmp"));
    if (reason === null) return new Scratch(await SpareVolumes.open(join(dataFolder, "spares"), log));
    if (wanted === "volume") throw new Error(`Bad configuration: PODIUM_SCRATCH is volume, but ${reason}.`);
    log.warn(
      { reason },
      "what sessions write to the disk is measured now and then, not limited by the kernel",
    );
    return new Scratch(null);
  }

  /** Makes empty folders, of at most so many bytes where this machine can hold them to it. */
  async make(folders: ScratchFolders, bytes: { session: number; log: number }) {
    const { root, session, log } = folders;
    await this.clear(folders);
    const { spares } = this;
    if (spares) {
      const make = async (name: "session" | "log", folder: string) => {
        await spares.take(imageOf(root, name), bytes[name]);
        await mountVolume(imageOf(root, name), folder);
      };
      await Promise.all([make("session", session), make("log", log)]);
    } else for (const folder of [session, log]) await mkdir(folder, { recursive: true, mode: 0o700 });
  }

  /** Mounts again what a restart of the machine unmounted: the last lines of a log may be on it. */
  async restore({ root, session, log }: ScratchFolders) {
    if (!this.isLimited) return;
    for (const [name, folder] of [
      ["session", session],
      ["log", log],
    ] as const) {
      if (existsSync(imageOf(root, name))) await mountVolume(imageOf(root, name), folder);
    }
  }

  /** Deletes all that a session wrote, and its log. */
  async clear({ root, session, log }: ScratchFolders) {
    await Promise.all([removeWithMounts(session), removeWithMounts(log)]);
    for (const name of ["session", "log"]) await rm(imageOf(root, name), { force: true });
  }

  /** True when a session has more on the disk than it may. Never where the kernel sees to that. */
  async takesMoreThan({ session }: ScratchFolders, bytes: number): Promise<boolean> {
    return !this.isLimited && (await measure(session)) > bytes;
  }

  /** True when a session has used up its own disk. Never where that is only measured. */
  async isFull({ session }: ScratchFolders): Promise<boolean> {
    if (!this.isLimited) return false;
    const { bavail, bsize, ffree } = await statfs(session);
    return bavail * bsize < FULL_BELOW_BYTES || ffree === 0;
  }
}

const imageOf = (root: string, name: string) => join(root, `${name}.img`);

/** Deletes a folder in which volumes may be mounted. */
export async function removeWithMounts(folder: string) {
  await unmountBelow(folder);
  await removeFolder(folder);
}
