import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TreeEntry } from "@podium/shared";
import { systemClock } from "../clock.ts";
import { nameOf, TestSource } from "../testing/test-source.ts";
import { BlobCache } from "./blob-cache.ts";
import { treeIdOf } from "./manifests.ts";
import { removeFolder } from "./remove.ts";
import { TreeStore } from "./tree-store.ts";

const never = new AbortController().signal;
const text = (letter: string) => letter.repeat(1000);
let folder: string;
let blobs: BlobCache;
let from: TestSource;
let damages: { paths: readonly string[]; attempts: readonly string[] }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-data-"));
  await mkdir(join(folder, "tmp"));
  blobs = await BlobCache.open(folder, systemClock);
  from = new TestSource(blobs);
  damages = [];
});
afterEach(() => removeFolder(folder));

/** What a file of up to so many bytes takes of the disk. */
const BLOCK = 4096;
const store = (limitBytes = 1e9) =>
  TreeStore.open({
    dataFolder: folder,
    blobs,
    clock: systemClock,
    limitBytes,
    onDamage: (_tree, paths, attempts) => damages.push({ paths, attempts }),
  });

/** Writes into a cached file as only its owner can. */
async function spoil(path: string, content: string) {
  await chmod(path, 0o644);
  await writeFile(path, content);
}

test("a mounted tree is made of read-only links to the cache; the second mount fetches nothing", async () => {
  const id = from.add({
    "a.txt": "alpha",
    "sub/run.sh": { bytes: Buffer.from("#!/bin/sh"), mode: 0o755 },
  });
  const trees = await store();
  const path = await trees.mount(id, "att_1", from, never);
  expect(await readFile(join(path, "a.txt"), "utf8")).toBe("alpha");
  expect((await lstat(join(path, "a.txt"))).mode & 0o777).toBe(0o444);
  expect((await lstat(join(path, "sub/run.sh"))).mode & 0o777).toBe(0o555);
  for (const place of [path, join(path, "sub")]) expect((await lstat(place)).mode & 0o777).toBe(0o555);
  expect((await stat(join(path, "a.txt"))).ino).toBe((await stat(blobs.path(nameOf("alpha")))).ino);
  await trees.mount(id, "att_2", from, never);
  expect(from.served.sort()).toEqual([nameOf("alpha"), nameOf("#!/bin/sh")].sort());
  expect(await trees.cached()).toEqual([id]);
});

test("a file that somebody changed is mended in place after a restart, and whoever has the tree mounted is named", async () => {
  const id = from.add({ "a.txt": "alpha", "b.txt": "beta" });
  const path = await (await store()).mount(id, "att_1", from, never);
  const untouched = (await stat(join(path, "b.txt"))).ino;
  await spoil(join(path, "a.txt"), "wrong");
  const restarted = await store();
  restarted.keep(id, "att_1");
  await restarted.mount(id, "att_2", from, never);
  expect(await readFile(join(path, "a.txt"), "utf8")).toBe("alpha");
  expect((await stat(join(path, "b.txt"))).ino).toBe(untouched);
  expect(from.served.filter((name) => name === nameOf("alpha"))).toHaveLength(2);
  expect(damages).toEqual([{ paths: ["a.txt"], attempts: ["att_1", "att_2"] }]);
});

test("after a session of it has failed a tree is looked over at its next mount", async () => {
  const id = from.add({ "a.txt": "alpha" });
  const trees = await store();
  const path = join(await trees.mount(id, "att_1", from, never), "a.txt");
  await spoil(path, "wrong");
  trees.doubt("att_1");
  await trees.mount(id, "att_2", from, never);
  expect(await readFile(path, "utf8")).toBe("alpha");
});

test("a file that was only touched is verified again, not fetched", async () => {
  const id = from.add({ "a.txt": "alpha" });
  const path = join(await (await store()).mount(id, "att_1", from, never), "a.txt");
  await utimes(path, new Date(), new Date());
  await (await store()).mount(id, "att_2", from, never);
  expect(from.served).toEqual([nameOf("alpha")]);
  expect(await Array.fromAsync(new Bun.Glob("tmp/*").scan(folder))).toEqual([]);
});

test("a tree folder that somebody deleted is built again from the cache", async () => {
  const id = from.add({ "a.txt": "alpha" });
  const trees = await store();
  const path = await trees.mount(id, "att_1", from, never);
  await rm(path, { recursive: true });
  await trees.mount(id, "att_2", from, never);
  expect(await readFile(join(path, "a.txt"), "utf8")).toBe("alpha");
  expect(from.served).toHaveLength(1);
});

test("a damaged list of files is fetched again", async () => {
  const id = from.add({ "a.txt": "alpha" });
  await (await store()).mount(id, "att_1", from, never);
  await writeFile(join(folder, "manifests", id), "755 nonsense");
  await (await store()).mount(id, "att_2", from, never);
  expect(Bun.CryptoHasher.hash("sha256", await readFile(join(folder, "manifests", id)), "hex")).toBe(id);
});

test.each(["../out", "/etc/x", "a/../../x", "a//b", "."])(
  "the path %s of a hub's tree is refused",
  async (path) => {
    const id = from.add({ [path]: "alpha" });
    await expect((await store()).mount(id, "att_1", from, never)).rejects.toThrow("is no file of a tree");
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
  },
);

test.each([
  ["names a file that lies outside the cache", { sha256: `./../victim/${"./".repeat(25)}xx` }],
  ["gives a file a mode of its own", { mode: 0o4755 as 0o755 }],
])("a hub's tree that %s is refused, and nothing is touched", async (_what, lie) => {
  await mkdir(join(folder, "victim"));
  await writeFile(join(folder, "victim/xx"), "the machine's own");
  const entry: TreeEntry = { path: "a.txt", sha256: nameOf("alpha"), size: 5, mode: 0o644, ...lie };
  const id = treeIdOf([entry]);
  from.tree = async () => ({ id, size: 5, entries: [entry] });
  const mounted = (await store()).mount(id, "att_1", from, never);
  await expect(mounted).rejects.toThrow("is no file of a tree");
  expect(await readFile(join(folder, "victim/xx"), "utf8")).toBe("the machine's own");
});

test("a copy may be written to without touching the cache", async () => {
  const id = from.add({ "main.py": "print(1)" });
  const trees = await store();
  await trees.copy(id, join(folder, "code"), from, never);
  await writeFile(join(folder, "code/main.py"), "print(2)");
  await trees.copy(id, join(folder, "code2"), from, never);
  expect(await readFile(join(folder, "code2/main.py"), "utf8")).toBe("print(1)");
  expect(from.served).toHaveLength(1);
});

test("names with spaces and odd characters come out as they went in", async () => {
  const files = { "a b/c  d.txt": "1", "755 x": "2", "naïve–文.txt": "3", "-rf": "4" };
  const id = from.add(files);
  await (await store()).mount(id, "att_1", from, never);
  const path = await (await store()).mount(id, "att_2", from, never);
  for (const [name, content] of Object.entries(files))
    expect(await readFile(join(path, name), "utf8")).toBe(content);
  expect(from.served).toHaveLength(4);
});

test("several that bring the same new tree at once all get it", async () => {
  const id = from.add({ "main.py": "print(1)" });
  const trees = await store();
  const targets = Array.from({ length: 8 }, (_, index) => join(folder, `code${index}`));
  await Promise.all(targets.map((target) => trees.copy(id, target, from, never)));
  const copies = await Promise.all(targets.map((target) => readFile(join(target, "main.py"), "utf8")));
  expect(new Set(copies)).toEqual(new Set(["print(1)"]));
});

test("over the limit what was used longest ago goes, but never what is mounted or pinned", async () => {
  const [a, b, c] = ["a", "b", "c"].map((letter) => from.add({ [letter]: text(letter) })) as [
    string,
    string,
    string,
  ];
  const trees = await store(5 * BLOCK);
  await trees.mount(a, "att_1", from, never);
  await trees.mount(b, "att_2", from, never);
  expect((await trees.cached()).sort()).toEqual([a, b].sort());
  await trees.unmount("att_1");
  await trees.mount(c, "att_3", from, never);
  expect((await trees.cached()).sort()).toEqual([b, c].sort());
  expect(await blobs.has({ sha256: nameOf(text("a")), size: 1000 })).toBe(false);

  await trees.unmount("att_2");
  await trees.unmount("att_3");
  blobs.pin(nameOf(text("b")));
  await trees.trim();
  expect(await blobs.has({ sha256: nameOf(text("b")), size: 1000 })).toBe(true);
});

test("executable forms and lists of files count, and go with their tree; what another tree shares stays", async () => {
  const shared = { shared: text("s") };
  const first = from.add({ ...shared, tool: { bytes: Buffer.from(text("x")), mode: 0o755 } });
  const second = from.add(shared);
  const sizes: number[] = [];
  const options = { dataFolder: folder, blobs, clock: systemClock, onSize: (n: number) => sizes.push(n) };
  const trees = await TreeStore.open({ ...options, limitBytes: 1e9 });
  await trees.mount(first, "att_1", from, never);
  await trees.mount(second, "att_2", from, never);
  await trees.trim();
  // Each of three files and two lists takes a block, however short it is.
  expect(sizes.at(-1)).toBe(5 * BLOCK);

  await trees.unmount("att_1");
  const small = await TreeStore.open({ ...options, limitBytes: 2.5 * BLOCK });
  small.keep(second, "att_2");
  await small.trim();
  expect(await small.cached()).toEqual([second]);
  expect(sizes.at(-1)).toBe(2 * BLOCK);
});

test("a tree that was copied is told as here, until something had to go", async () => {
  const code = from.add({ "main.py": text("a") });
  const trees = await store(1_500);
  await trees.copy(code, join(folder, "code"), from, never);
  expect(await trees.cached()).toEqual([code]);
  const data = from.add({ data: text("b") });
  await trees.mount(data, "att_1", from, never);
  expect(await trees.cached()).toEqual([data]);
});

test("what is being fetched is not evicted, whoever trims meanwhile", async () => {
  const id = from.add({ a: text("a"), b: text("b") });
  const trees = await store(500);
  const mounting = trees.mount(id, "att_1", from, never);
  for (let turn = 0; turn < 20; turn++) {
    await trees.trim();
    await Bun.sleep(1);
  }
  const path = await mounting;
  await trees.trim();
  expect(await readFile(join(path, "b"), "utf8")).toBe(text("b"));
});
