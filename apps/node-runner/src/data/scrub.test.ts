import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { waitFor } from "../hub/attempt-source.ts";
import { createLog } from "../log.ts";
import { nameOf, TestSource } from "../testing/test-source.ts";
import { BlobCache } from "./blob-cache.ts";
import { removeFolder } from "./remove.ts";
import { type ScrubOptions, scrub, scrubOnce } from "./scrub.ts";
import { TreeStore } from "./tree-store.ts";

const never = new AbortController().signal;
let folder: string;
let from: TestSource;
let trees: TreeStore;
let options: ScrubOptions;
let damages: { paths: readonly string[]; attempts: readonly string[] }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-scrub-"));
  await mkdir(join(folder, "tmp"));
  const blobs = await BlobCache.open(folder, systemClock);
  from = new TestSource(blobs);
  damages = [];
  trees = await TreeStore.open({
    dataFolder: folder,
    blobs,
    clock: systemClock,
    limitBytes: 1e9,
    onDamage: (_tree, paths, attempts) => damages.push({ paths, attempts }),
  });
  const log = createLog("silent");
  options = { blobs, trees, log, bytesPerSecond: 1e9, stopped: never, sleep: waitFor };
});
afterEach(() => removeFolder(folder));

/** What a failing disk does: other bytes, the same size and times. */
async function rot(path: string, content: string) {
  const { atime, mtime } = await stat(path);
  await chmod(path, 0o644);
  await writeFile(path, content);
  await utimes(path, atime, mtime);
}

test("a blob that has rotted on the disk is found, and the next mount brings the right bytes", async () => {
  const id = from.add({ "a.txt": "alpha", copy: "alpha", "b.txt": "beta" });
  const path = await trees.mount(id, "att_1", from, never);
  await rot(join(path, "a.txt"), "alphx");
  expect(await scrubOnce(options)).toEqual([nameOf("alpha")]);
  expect(damages).toEqual([{ paths: ["a.txt", "copy"], attempts: ["att_1"] }]);

  await trees.mount(id, "att_2", from, never);
  expect(await readFile(join(path, "a.txt"), "utf8")).toBe("alpha");
  expect(await readFile(join(path, "copy"), "utf8")).toBe("alpha");
  expect(await scrubOnce(options)).toEqual([]);
});

test("the executable form of a blob is looked at too", async () => {
  const id = from.add({ tool: { bytes: Buffer.from("#!/bin/sh"), mode: 0o755 } });
  const path = join(await trees.mount(id, "att_1", from, never), "tool");
  await rot(path, "#!/bin/xx");
  expect(await scrubOnce(options)).toEqual([nameOf("#!/bin/sh")]);
  await trees.mount(id, "att_2", from, never);
  expect(await readFile(path, "utf8")).toBe("#!/bin/sh");
});

test("looking at a blob is no use of it", async () => {
  await trees.mount(from.add({ a: "alpha" }), "att_1", from, never);
  const path = options.blobs.path(nameOf("alpha"));
  await utimes(path, new Date("2001-01-01"), (await stat(path)).mtime);
  await scrubOnce(options);
  expect((await stat(path)).atime).toEqual(new Date("2001-01-01"));
});

test("no faster than it may, and at once at an end when it is told to stop", async () => {
  await trees.mount(from.add({ a: "x".repeat(1000) }), "att_1", from, never);
  const slept: number[] = [];
  const stop = new AbortController();
  const sleep = async (ms: number) => {
    slept.push(ms);
    if (slept.length === 2) stop.abort();
  };
  await scrub({ ...options, bytesPerSecond: 500, stopped: stop.signal, sleep });
  expect(slept[0]).toBe(2000);
  expect(slept[1]).toBeGreaterThan(3600_000);
});
