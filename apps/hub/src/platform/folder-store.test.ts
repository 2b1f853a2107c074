import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testIf } from "../../../../scripts/testing/requires.ts";
import { assertWritable, createFolderStore } from "./folder-store.ts";
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

test("only what a dead hub left half received long ago is removed", async () => {
  const { store, folder, files } = makeStore();
  await store.put(sha256("kept"), bytes("kept"));
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
    const { createFolderStore } = await import(${JSON.stringify(join(import.meta.dir, "folder-store.ts"))});
    const { sha256 } = await import(${JSON.stringify(join(import.meta.dir, "secrets.ts"))});
    const { readdirSync } = await import("node:fs");
    const store = createFolderStore(${JSON.stringify(disk)});
    const small = new Uint8Array(1000), large = new Uint8Array(1024 ** 2);
    await store.put(sha256(small), small);
    const refused = await store.put(sha256(large), large).then(() => "stored", (error) => error.code);
    const all = readdirSync(${JSON.stringify(disk)}, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile()).map((entry) => entry.name);
    console.log(JSON.stringify({ refused, files, kept: (await store.read(sha256(small))).byteLength }));`;
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
