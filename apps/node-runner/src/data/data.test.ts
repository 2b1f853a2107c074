import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, lstat, mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tree, TreeEntry } from "@podium/shared";
import { systemClock } from "../clock.ts";
import { BlobCache } from "./blob-cache.ts";
import { ingestFolder } from "./ingest.ts";
import { removeFolder } from "./remove.ts";
import { TreeStore, treeIdOf } from "./tree-store.ts";

const never = new AbortController().signal;
let folder: string;
let blobs: BlobCache;
let fetched: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-data-"));
  await mkdir(join(folder, "tmp"));
  blobs = await BlobCache.open(folder, systemClock);
  fetched = [];
});
afterEach(() => removeFolder(folder));

const store = (limitBytes = 1e9) => TreeStore.open(folder, blobs, systemClock, limitBytes);
const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** A hub that has exactly these trees. */
function source(...sets: Record<string, { text: string; mode?: 0o755 }>[]) {
  const texts = new Map<string, string>();
  const trees = sets.map((files): Tree => {
    const entries = Object.entries(files).map(([path, { text, mode }]): TreeEntry => {
      texts.set(sha256(text), text);
      return { path, sha256: sha256(text), size: Buffer.byteLength(text), mode: mode ?? 0o644 };
    });
    return { id: treeIdOf(entries), size: 0, entries };
  });
  return {
    ids: trees.map((tree) => tree.id),
    async tree(id: string) {
      const tree = trees.find((candidate) => candidate.id === id);
      if (!tree) throw new Error("no such tree");
      return tree;
    },
    async fetchBlob(blob: TreeEntry) {
      fetched.push(blob.path);
      await blobs.receive(blob, chunks(texts.get(blob.sha256) ?? ""));
    },
  };
}
async function* chunks(text: string) {
  yield new TextEncoder().encode(text.slice(0, 3));
  yield new TextEncoder().encode(text.slice(3));
}

test("a mounted tree is made of links to the cache; the second mount fetches nothing", async () => {
  const from = source({ "a.txt": { text: "alpha" }, "sub/run.sh": { text: "#!/bin/sh", mode: 0o755 } });
  const trees = await store();
  const [id = ""] = from.ids;
  const path = await trees.mount(id, "att_1", from, never);
  expect(await readFile(join(path, "a.txt"), "utf8")).toBe("alpha");
  expect((await lstat(join(path, "a.txt"))).mode & 0o777).toBe(0o444);
  expect((await lstat(join(path, "sub/run.sh"))).mode & 0o777).toBe(0o555);
  await trees.mount(id, "att_2", from, never);
  expect(fetched.sort()).toEqual(["a.txt", "sub/run.sh"]);
  expect(await trees.cached()).toEqual([id]);
});

test("a file that somebody changed in the shared tree is noticed and fetched again", async () => {
  const from = source({ "a.txt": { text: "alpha" } });
  const trees = await store();
  const [id = ""] = from.ids;
  const path = join(await trees.mount(id, "att_1", from, never), "a.txt");
  await chmod(path, 0o644);
  await writeFile(path, "wrong");
  await trees.mount(id, "att_2", from, never);
  expect(await readFile(path, "utf8")).toBe("alpha");
  expect(fetched).toEqual(["a.txt", "a.txt"]);
});

test("a copy may be written to without touching the cache", async () => {
  const from = source({ "main.py": { text: "print(1)" } });
  const trees = await store();
  const [id = ""] = from.ids;
  await trees.copy(id, join(folder, "code"), from, never);
  await writeFile(join(folder, "code/main.py"), "print(2)");
  await trees.copy(id, join(folder, "code2"), from, never);
  expect(await readFile(join(folder, "code2/main.py"), "utf8")).toBe("print(1)");
  expect(fetched).toHaveLength(1);
});

test("several that bring the same new tree at once all get it", async () => {
  const from = source({ "main.py": { text: "print(1)" } });
  const trees = await store();
  const [id = ""] = from.ids;
  const targets = Array.from({ length: 8 }, (_, index) => join(folder, `code${index}`));
  await Promise.all(targets.map((target) => trees.copy(id, target, from, never)));
  const copies = await Promise.all(targets.map((target) => readFile(join(target, "main.py"), "utf8")));
  expect(new Set(copies)).toEqual(new Set(["print(1)"]));
});

test("over the limit what was used longest ago goes, but never what is mounted or pinned", async () => {
  const text = (letter: string) => letter.repeat(1000);
  const from = source({ a: { text: text("a") } }, { b: { text: text("b") } }, { c: { text: text("c") } });
  const trees = await store(1_500);
  const [a = "", b = "", c = ""] = from.ids;
  await trees.mount(a, "att_1", from, never);
  await trees.mount(b, "att_2", from, never);
  expect((await trees.cached()).sort()).toEqual([a, b].sort());
  trees.unmount("att_1");
  await trees.mount(c, "att_3", from, never);
  expect((await trees.cached()).sort()).toEqual([b, c].sort());
  expect(await blobs.has({ sha256: sha256(text("a")), size: 1000 })).toBe(false);

  trees.unmount("att_2");
  trees.unmount("att_3");
  blobs.pin(sha256(text("b")));
  await trees.trim();
  expect(await blobs.has({ sha256: sha256(text("b")), size: 1000 })).toBe(true);
});

test("a blob that arrives damaged is refused and leaves nothing behind", async () => {
  const blob = { sha256: sha256("right"), size: 5 };
  await expect(blobs.receive(blob, chunks("wrong"))).rejects.toMatchObject({ code: "hash_mismatch" });
  expect(await blobs.has(blob)).toBe(false);
  expect(await Array.fromAsync(new Bun.Glob("tmp/*").scan(folder))).toEqual([]);
});

test("a folder is taken over with its paths, contents and executable bits", async () => {
  const root = join(folder, "session");
  await mkdir(join(root, "out/deep"), { recursive: true });
  await writeFile(join(root, "out/deep/b.bin"), "bee");
  await writeFile(join(root, "out/a.sh"), "", { mode: 0o755 });
  expect(await ingestFolder(join(root, "out"), root, blobs)).toEqual([
    { path: "a.sh", sha256: sha256(""), size: 0, mode: 0o755 },
    { path: "deep/b.bin", sha256: sha256("bee"), size: 3, mode: 0o644 },
  ]);
  expect(await blobs.has({ sha256: sha256("bee"), size: 3 })).toBe(true);
});

test.each([
  ["a link to a file", async (out: string) => symlink("/etc/passwd", join(out, "x")), '"x" is a link'],
  ["a link to a folder", async (out: string) => symlink("/etc", join(out, "x")), '"x" is a link'],
  ["a pipe", async (out: string) => void Bun.spawnSync(["mkfifo", join(out, "x")]), '"x" is a special file'],
  ["a name with a newline", async (out: string) => writeFile(join(out, "a\nb"), ""), "control characters"],
])("%s can't be taken over", async (_what, make, said) => {
  const out = join(folder, "session/out");
  await mkdir(out, { recursive: true });
  await make(out);
  await expect(ingestFolder(out, join(folder, "session"), blobs)).rejects.toThrow(said);
});

test("a folder that is a link out of the session can't be taken over", async () => {
  const root = join(folder, "session");
  await mkdir(root);
  await symlink("/etc", join(root, "out"));
  await expect(ingestFolder(join(root, "out"), root, blobs)).rejects.toThrow(
    "outside the session's own folders",
  );
});
