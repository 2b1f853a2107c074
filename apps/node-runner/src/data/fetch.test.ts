import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { nameOf, TestSource } from "../testing/test-source.ts";
import { BlobCache } from "./blob-cache.ts";
import { removeFolder } from "./remove.ts";
import { TreeStore } from "./tree-store.ts";

const MIB = 1024 ** 2;
const never = new AbortController().signal;
const large = new Uint8Array(20 * MIB).map((_, index) => index % 251);
let folder: string;
let blobs: BlobCache;
let from: TestSource;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-fetch-"));
  await mkdir(join(folder, "tmp"));
  blobs = await BlobCache.open(folder, systemClock);
  from = new TestSource(blobs);
});
afterEach(() => removeFolder(folder));

const store = (limitBytes = 1e9) =>
  TreeStore.open({ dataFolder: folder, blobs, clock: systemClock, limitBytes });
const partials = () => readdir(join(folder, "partial"));

test("a large file that broke off goes on from there, also after a restart of the runner", async () => {
  const id = from.add({ large: { bytes: large } });
  from.breakAfter = 5 * MIB;
  await expect((await store()).mount(id, "att_1", from, never)).rejects.toThrow("the line is dead");
  expect(await partials()).toEqual([nameOf(large)]);
  blobs = await BlobCache.open(folder, systemClock);
  const restarted = new TestSource(blobs);
  restarted.add({ large: { bytes: large } });
  const path = await (await store()).mount(id, "att_1", restarted, never);
  expect(restarted.offsets).toEqual([5 * MIB]);
  expect(Buffer.compare(await readFile(join(path, "large")), large)).toBe(0);
  expect(await partials()).toEqual([]);
});

test("what was left of an earlier fetch and is wrong is found out, and the next try begins anew", async () => {
  const id = from.add({ large: { bytes: large } });
  await writeFile(join(folder, "partial", nameOf(large)), "not its beginning");
  const trees = await store();
  await expect(trees.mount(id, "att_1", from, never)).rejects.toMatchObject({ code: "hash_mismatch" });
  await trees.mount(id, "att_1", from, never);
  expect(from.offsets).toEqual([17, 0]);
});

test("more than the file has is no beginning of it", async () => {
  const id = from.add({ large: { bytes: large } });
  const left = join(folder, "partial", nameOf(large));
  await writeFile(left, "");
  await truncate(left, 30 * MIB);
  await (await store()).mount(id, "att_1", from, never);
  expect(from.offsets).toEqual([0]);
});

test("left-overs of interrupted fetches are bounded in age and in bytes", async () => {
  const trees = await store(800);
  for (const [name, size] of [
    ["old", 10],
    ["first", 60],
    ["second", 60],
  ] as const)
    await writeFile(join(folder, "partial", name), "x".repeat(size));
  const ago = (hours: number) => new Date(Date.now() - hours * 3600_000);
  await utimes(join(folder, "partial/old"), ago(25), ago(25));
  await utimes(join(folder, "partial/first"), ago(2), ago(2));
  await trees.trim();
  expect(await partials()).toEqual(["second"]);
});

test("two attempts that need a tree at once share one download", async () => {
  const id = from.add({ a: "alpha", large: { bytes: large } });
  const trees = await store();
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  from.gate = () => opened;
  const mounts = ["att_1", "att_2"].map((attempt) => trees.mount(id, attempt, from, never));
  const copied = trees.copy(id, join(folder, "code"), from, never);
  await Bun.sleep(20);
  open();
  await Promise.all([...mounts, copied]);
  expect(from.served.sort()).toEqual([nameOf("alpha"), nameOf(large)].sort());
});

test("aborting one attempt leaves the download to the others", async () => {
  const id = from.add({ a: "alpha", large: { bytes: large } });
  const trees = await store();
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  from.gate = () => opened;
  const leaving = new AbortController();
  const first = trees.mount(id, "att_1", from, leaving.signal);
  const second = trees.mount(id, "att_2", from, never);
  const copied = trees.copy(id, join(folder, "code"), from, never);
  await Bun.sleep(20);
  leaving.abort(new Error("stopped by its owner"));
  await expect(first).rejects.toThrow("stopped by its owner");
  open();
  await Promise.all([second, copied]);
  expect(from.served).toHaveLength(2);
});

test("when the attempt that fetches is refused, another that waits fetches for itself", async () => {
  const id = from.add({ a: "alpha" });
  const trees = await store();
  const refused = new TestSource(blobs);
  refused.add({ a: "alpha" });
  refused.gate = async () => {
    await Bun.sleep(50);
    throw new Error("stale epoch");
  };
  const first = trees.mount(id, "att_1", refused, never);
  await Bun.sleep(10);
  const second = trees.mount(id, "att_2", from, never);
  await expect(first).rejects.toThrow("stale epoch");
  expect(await readFile(join(await second, "a"), "utf8")).toBe("alpha");
});

test("once nobody waits any more the download ends and leaves nothing", async () => {
  const id = from.add({ a: "alpha" });
  const trees = await store();
  from.gate = () => Bun.sleep(50);
  const leaving = new AbortController();
  const mounting = trees.mount(id, "att_1", from, leaving.signal);
  await Bun.sleep(10);
  leaving.abort(new Error("stopped"));
  await expect(mounting).rejects.toThrow("stopped");
  await Bun.sleep(80);
  expect(from.served).toEqual([]);
  expect(await Array.fromAsync(new Bun.Glob("{tmp,blobs}/**").scan(folder))).toEqual([]);
});

test("of a pack that arrives damaged the intact files stay, and the wrong one is named", async () => {
  const id = from.add({ a: "alpha", b: "beta" });
  from.damaged.set(nameOf("beta"), Buffer.from("bxta"));
  await expect((await store()).mount(id, "att_1", from, never)).rejects.toMatchObject({
    code: "hash_mismatch",
    message: `Blob ${nameOf("beta")} arrived damaged.`,
  });
  expect(await blobs.has({ sha256: nameOf("alpha"), size: 5 })).toBe(true);
  expect(await blobs.has({ sha256: nameOf("beta"), size: 4 })).toBe(false);
  expect(await Array.fromAsync(new Bun.Glob("tmp/*").scan(folder))).toEqual([]);
});

test("many small files and an empty one come in packs and are all there", async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `d${index % 10}/f${index}`);
  const id = from.add({
    empty: "",
    ...Object.fromEntries(names.map((name) => [name, `content of ${name}`])),
  });
  const path = await (await store()).mount(id, "att_1", from, never);
  expect((await stat(join(path, "empty"))).size).toBe(0);
  expect(await readFile(join(path, "d9/f999"), "utf8")).toBe("content of d9/f999");
  expect((await readdir(join(path, "d3"))).length).toBe(100);
});
