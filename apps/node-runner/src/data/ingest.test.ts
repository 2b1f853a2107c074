import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { nameOf } from "../testing/test-source.ts";
import { BlobCache } from "./blob-cache.ts";
import { ingestFolder } from "./ingest.ts";
import { removeFolder } from "./remove.ts";

let folder: string;
let blobs: BlobCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-ingest-"));
  await mkdir(join(folder, "tmp"));
  blobs = await BlobCache.open(folder, systemClock);
});
afterEach(() => removeFolder(folder));

test("a folder is taken over with its paths, contents and executable bits", async () => {
  const root = join(folder, "session");
  await mkdir(join(root, "out/deep"), { recursive: true });
  await writeFile(join(root, "out/deep/b.bin"), "bee");
  await writeFile(join(root, "out/a.sh"), "", { mode: 0o755 });
  expect(await ingestFolder(join(root, "out"), root, blobs)).toEqual([
    { path: "a.sh", sha256: nameOf(""), size: 0, mode: 0o755 },
    { path: "deep/b.bin", sha256: nameOf("bee"), size: 3, mode: 0o644 },
  ]);
  expect(await blobs.has({ sha256: nameOf("bee"), size: 3 })).toBe(true);
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

test("a file of several chunks is taken over under its chunked name", async () => {
  const out = join(folder, "session");
  await mkdir(out);
  await writeFile(join(out, "large"), "x");
  await truncate(join(out, "large"), 20 * 1024 ** 2);
  const bytes = new Uint8Array(20 * 1024 ** 2);
  bytes[0] = 120;
  const [entry] = await ingestFolder(out, out, blobs);
  expect(entry).toEqual({ path: "large", sha256: nameOf(bytes), size: bytes.byteLength, mode: 0o644 });
  expect(Buffer.compare(await readFile(blobs.path(nameOf(bytes))), bytes)).toBe(0);
});

test("when one file is refused nothing of the folder stays, neither files nor pins", async () => {
  const out = join(folder, "session");
  await mkdir(out);
  await writeFile(join(out, "a"), "kept nowhere");
  await symlink("/etc/passwd", join(out, "b"));
  await expect(ingestFolder(out, out, blobs)).rejects.toThrow("is a link");
  expect(blobs.isPinned(nameOf("kept nowhere"))).toBe(false);
  expect(await Array.fromAsync(new Bun.Glob("{tmp,blobs}/**").scan(folder))).toEqual([]);
});
