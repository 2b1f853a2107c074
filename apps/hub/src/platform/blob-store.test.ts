import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testIf } from "../../../../scripts/testing/requires.ts";
import { assertWritable, createFolderStore } from "./blob-store.ts";
import { sha256 } from "./secrets.ts";

const root = mkdtempSync(join(tmpdir(), "podium-blobs-"));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
function makeStore() {
  const folder = join(root, `${++made}`);
  const files = () => {
    const all = readdirSync(folder, { recursive: true, withFileTypes: true });
    return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
  };
  return { folder, files, store: createFolderStore(folder) };
}
const bytes = (text: string) => new TextEncoder().encode(text);
async function* stream(...texts: string[]) {
  for (const text of texts) yield bytes(text);
}
const LIMIT = 1024;

test("what was stored is read back under its hash, streamed or whole", async () => {
  const { store } = makeStore();
  const hash = sha256("hello");
  expect(await store.put(hash, stream("he", "", "llo"), LIMIT)).toBe(5);
  expect(await store.put(hash, bytes("hello"), LIMIT)).toBe(5);
  expect(await (await store.get(hash))?.text()).toBe("hello");
  expect(readFileSync((await store.localPath(hash)) ?? "", "utf8")).toBe("hello");
});

test("what was never stored is not there", async () => {
  const { store } = makeStore();
  expect(await store.get(sha256("nothing"))).toBeNull();
  expect(await store.localPath(sha256("nothing"))).toBeNull();
});

test("bytes with another hash are refused and not kept", async () => {
  const { store, files } = makeStore();
  await expect(store.put(sha256("hello"), stream("hell", "0"), LIMIT)).rejects.toMatchObject({
    code: "hash_mismatch",
    message: expect.stringContaining(sha256("hell0")),
  });
  expect(files()).toEqual([]);
});

test("a file over the limit is refused while it comes, and not kept", async () => {
  const { store, files } = makeStore();
  let sent = 0;
  const endless = (async function* () {
    for (;;) {
      sent += 1;
      yield new Uint8Array(600);
    }
  })();
  await expect(store.put(sha256(""), endless, LIMIT)).rejects.toMatchObject({ code: "payload_too_large" });
  expect(sent).toBe(2);
  expect(files()).toEqual([]);
});

test("an upload that breaks off leaves nothing", async () => {
  const { store, files } = makeStore();
  const broken = (async function* () {
    yield bytes("hel");
    throw new Error("the sender is gone");
  })();
  await expect(store.put(sha256("hello"), broken, LIMIT)).rejects.toThrow("the sender is gone");
  expect(files()).toEqual([]);
});

test("several senders of the same file at once leave one whole file", async () => {
  const { store, files } = makeStore();
  const text = "x".repeat(500);
  const hash = sha256(text);
  await Promise.all(Array.from({ length: 8 }, () => store.put(hash, stream(text), LIMIT)));
  expect(files()).toEqual([hash.slice(2)]);
  expect(await (await store.get(hash))?.text()).toBe(text);
});

test("only what a dead hub left half received long ago is removed", async () => {
  const { store, folder, files } = makeStore();
  await store.put(sha256("kept"), bytes("kept"), LIMIT);
  const [old, recent] = [join(folder, "incoming", "old"), join(folder, "incoming", "recent")];
  for (const path of [old, recent]) writeFileSync(path, "half");
  utimesSync(old, new Date("2026-01-01"), new Date("2026-01-01"));
  expect(await store.removeUnfinished(new Date("2026-01-02"))).toBe(1);
  expect(files().sort()).toEqual([sha256("kept").slice(2), "recent"].sort());
});

test("a store that has never received anything has nothing to remove", async () => {
  expect(await makeStore().store.removeUnfinished(new Date("2026-01-02"))).toBe(0);
});

testIf("bubblewrap", "a full disk is said so, what was there stays, and nothing half is left", async () => {
  const disk = mkdtempSync(join(root, "disk-"));
  const script = `
    const { createFolderStore } = await import(${JSON.stringify(join(import.meta.dir, "blob-store.ts"))});
    const { sha256 } = await import(${JSON.stringify(join(import.meta.dir, "secrets.ts"))});
    const { readdirSync } = await import("node:fs");
    const store = createFolderStore(${JSON.stringify(disk)});
    const small = new Uint8Array(1000), large = new Uint8Array(1024 ** 2);
    await store.put(sha256(small), small, 1e9);
    const refused = await store.put(sha256(large), large, 1e9).then(() => "stored", (error) => error.code);
    const all = readdirSync(${JSON.stringify(disk)}, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile()).map((entry) => entry.name);
    console.log(JSON.stringify({ refused, files, kept: (await store.get(sha256(small))).size }));`;
  const size = `${256 * 1024}`;
  const run = Bun.spawnSync(
    ["bwrap", "--dev-bind", "/", "/", "--size", size, "--tmpfs", disk, process.execPath, "-e", script],
    { timeout: 20_000 },
  );
  const hash = sha256(new Uint8Array(1000));
  expect(JSON.parse(run.stdout.toString() || run.stderr.toString())).toEqual({
    refused: "unavailable",
    files: [hash.slice(2)],
    kept: 1000,
  });
});

test("a folder that can't be written to is one line that names the variable", async () => {
  await expect(assertWritable("/proc/podium")).rejects.toThrow(
    /^PODIUM_DATA \(\/proc\/podium\) can't be used: .+\. Point it at a folder that this user may write\.$/,
  );
});
