import { afterEach, beforeEach, expect, test } from "bun:test";
import { link, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { nameOf } from "../testing/test-source.ts";
import { BlobCache } from "./blob-cache.ts";
import { ingestFolder } from "./ingest.ts";
import { removeFolder } from "./remove.ts";

const MAX_BYTES = 64 * 1024 ** 2;

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
  expect(await ingestFolder(join(root, "out"), root, blobs, MAX_BYTES)).toEqual([
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
  await expect(ingestFolder(out, join(folder, "session"), blobs, MAX_BYTES)).rejects.toThrow(said);
});

test("a folder that is a link out of the session can't be taken over", async () => {
  const root = join(folder, "session");
  await mkdir(root);
  await symlink("/etc", join(root, "out"));
  await expect(ingestFolder(join(root, "out"), root, blobs, MAX_BYTES)).rejects.toThrow(
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
  const [entry] = await ingestFolder(out, out, blobs, MAX_BYTES);
  expect(entry).toEqual({ path: "large", sha256: nameOf(bytes), size: bytes.byteLength, mode: 0o644 });
  expect(Buffer.compare(await readFile(blobs.path(nameOf(bytes))), bytes)).toBe(0);
});

test("when one file is refused nothing of the folder stays, neither files nor pins", async () => {
  const out = join(folder, "session");
  await mkdir(out);
  await writeFile(join(out, "a"), "kept nowhere");
  await symlink("/etc/passwd", join(out, "b"));
  await expect(ingestFolder(out, out, blobs, MAX_BYTES)).rejects.toThrow("is a link");
  expect(blobs.isPinned(nameOf("kept nowhere"))).toBe(false);
  expect(await Array.fromAsync(new Bun.Glob("{tmp,blobs}/**").scan(folder))).toEqual([]);
});

test("more than the session's disk holds is refused before it is copied: holes and hard links count in full", async () => {
  const out = join(folder, "session");
  await mkdir(join(out, "links"), { recursive: true });
  await writeFile(join(out, "holes"), "");
  await truncate(join(out, "holes"), 2 ** 40);
  await expect(ingestFolder(out, out, blobs, MAX_BYTES)).rejects.toThrow("more than 64 MiB");
  await rm(join(out, "holes"));

  await writeFile(join(out, "links/0"), new Uint8Array(1024 ** 2));
  for (let n = 1; n < 65; n++) await link(join(out, "links/0"), join(out, `links/${n}`));
  await expect(ingestFolder(out, out, blobs, MAX_BYTES)).rejects.toThrow("more than 64 MiB");
  await rm(join(out, "links/64"));
  expect(await ingestFolder(out, out, blobs, MAX_BYTES)).toHaveLength(64);
});

test("what takes the machine's last room is refused as the kernel would, whatever the session may have", async () => {
  const out = join(folder, "session");
  await mkdir(out);
  await writeFile(join(out, "holes"), "");
  await truncate(join(out, "holes"), 2 ** 42);
  const ingested = ingestFolder(out, out, blobs, 2 ** 43);
  await expect(ingested).rejects.toMatchObject({ code: "ENOSPC" });
});

test("folders so deep that they have no path any more are the session's own fault", async () => {
  const out = join(folder, "session");
  await mkdir(out);
  const dig = `name=$(printf %0200d 0); for _ in $(seq 30); do mkdir "$name" && cd -P "$name" || exit 1; done`;
  expect(Bun.spawnSync(["sh", "-c", dig], { cwd: out }).exitCode).toBe(0);
  await expect(ingestFolder(out, out, blobs, MAX_BYTES)).rejects.toThrow("has too long a path");
});
