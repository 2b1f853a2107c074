import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { createLog } from "../log.ts";
import { DiskWatch } from "./disk-watch.ts";
import { mountPoints, mountsBelow } from "./mounts.ts";
import { removeWithMounts, Scratch } from "./scratch.ts";
import { whyNoVolumes } from "./volume.ts";

const MIB = 1024 ** 2;
const LIMITS = { session: 16 * MIB, log: MIB };
const log = createLog("silent");

let data: string;
let folders: { root: string; session: string; log: string };
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "podium-scratch-"));
  await mkdir(join(data, "tmp"));
  const root = join(data, "attempts", "att_1");
  await mkdir(root, { recursive: true });
  folders = { root, session: join(root, "session"), log: join(root, "log") };
});
afterEach(() => removeWithMounts(data));

test("mount points are read with their escapes undone, in the order of mounting", () => {
  const line = (path: string) => `36 35 98:0 / ${path} rw,noatime shared:1 - ext4 /dev/loop0 rw`;
  expect(mountPoints(`${line("/a")}\n${line("/a/with\\040space")}\n`)).toEqual(["/a", "/a/with space"]);
});

const reason = await whyNoVolumes(tmpdir());
const title = reason === null ? "as volumes" : `as volumes (skipped: ${reason})`;

describe.skipIf(reason !== null && Bun.env["CI"] !== "true")(title, () => {
  const open = () => Scratch.open(data, "volume", log);

  test("whoever writes more than the limit gets ENOSPC; the log still has room", async () => {
    const scratch = await open();
    expect(readdirSync(join(data, "tmp"))).toEqual([]);
    await scratch.make(folders, LIMITS);
    expect(await scratch.isFull(folders)).toBe(false);
    await expect(writeFile(join(folders.session, "hog"), new Uint8Array(64 * MIB))).rejects.toMatchObject({
      code: "ENOSPC",
    });
    await writeFile(join(folders.log, "output.log"), "the traceback");
  });

  test("a disk that was full at some time is remembered", async () => {
    const scratch = await open();
    await scratch.make(folders, LIMITS);
    const watch = new DiskWatch(scratch, folders, LIMITS.session, systemClock);
    expect(await watch.poll()).toBe(false);
    expect(watch.wasFull).toBe(false);
    await writeFile(join(folders.session, "hog"), new Uint8Array(64 * MIB)).catch(() => {});
    expect(await watch.poll()).toBe(false);
    expect(watch.wasFull).toBe(true);
  });

  test("made again it is empty; cleared, neither mount nor file is left", async () => {
    const scratch = await open();
    await scratch.make(folders, LIMITS);
    await writeFile(join(folders.session, "left"), "x");
    await scratch.make(folders, LIMITS);
    expect(existsSync(join(folders.session, "left"))).toBe(false);
    expect(mountsBelow(data)).toHaveLength(2);
    await scratch.clear(folders);
    expect(mountsBelow(data)).toEqual([]);
    expect(readdirSync(folders.root)).toEqual([]);
  });

  test("what a restart of the machine unmounted is there again", async () => {
    const scratch = await open();
    await scratch.make(folders, LIMITS);
    await writeFile(join(folders.log, "output.log"), "last line");
    Bun.spawnSync(["umount", folders.log]);
    expect(existsSync(join(folders.log, "output.log"))).toBe(false);
    await scratch.restore(folders);
    expect(await Bun.file(join(folders.log, "output.log")).text()).toBe("last line");
    await scratch.restore(folders);
    expect(mountsBelow(data)).toHaveLength(2);
  });
});

test("as folders, what a session takes is measured, and too much is noticed", async () => {
  const scratch = await Scratch.open(data, "folder", log);
  await scratch.make(folders, LIMITS);
  const watch = new DiskWatch(scratch, folders, MIB, systemClock);
  expect(await watch.poll()).toBe(false);
  await writeFile(join(folders.session, "hog"), new Uint8Array(4 * MIB));
  // It was measured just now; another watch looks at once.
  expect(await watch.poll()).toBe(false);
  const next = new DiskWatch(scratch, folders, MIB, systemClock);
  expect(await next.poll()).toBe(true);
  expect(next.wasFull).toBe(true);
  expect(await scratch.isFull(folders)).toBe(false);
  await scratch.clear(folders);
  expect(readdirSync(folders.root)).toEqual([]);
});
