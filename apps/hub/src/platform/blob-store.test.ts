import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHUNK_BYTES } from "@podium/shared";
import { requires, testIf } from "../../../../scripts/testing/requires.ts";
import { startS3Server } from "../../../../scripts/testing/s3-server.ts";
import type { BlobStore, ObjectStore } from "./blob-store.ts";
import { createFolderStore } from "./folder-store.ts";
import { createLog } from "./log.ts";
import { createS3Store } from "./s3-store.ts";
import { sha256 } from "./secrets.ts";

const root = mkdtempSync(join(tmpdir(), "podium-blobs-"));
let s3: Awaited<ReturnType<typeof startS3Server>> | undefined;
beforeAll(async () => {
  if (requires("s3").available) s3 = await startS3Server();
}, 60_000);
afterAll(async () => {
  await s3?.stop();
  rmSync(root, { recursive: true });
});

let made = 0;
/** Both stores do the same: each test runs on an empty one of either kind. */
function onBoth(name: string, body: (store: BlobStore) => Promise<void>): void {
  test(`folder: ${name}`, () => body(createFolderStore(join(root, `${++made}`))));
  testIf("s3", `S3: ${name}`, () => {
    if (!s3) throw new Error("the S3 server is not there");
    return body(createS3Store({ ...s3.settings, prefix: `test-${++made}/` }, createLog("silent", "test")));
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (read: Uint8Array | null) => (read === null ? null : new TextDecoder().decode(read));
const namesIn = async (store: ObjectStore, digits: string) =>
  (await Array.fromAsync(store.list(digits))).flat();

onBoth("what was stored is read back under its name, whole or in part", async (store) => {
  const name = sha256("hello");
  await store.put(name, bytes("hello"));
  await store.put(name, bytes("hello"));
  expect(textOf(await store.read(name))).toBe("hello");
  expect(textOf(await store.read(name, 1, 3))).toBe("el");
  expect(textOf(await store.read(name, 3))).toBe("lo");
  expect(await store.sizeOf(name)).toBe(5);
});

onBoth("a whole chunk and an empty file are stored as they are", async (store) => {
  const chunk = new Uint8Array(CHUNK_BYTES).fill(7);
  await store.put(sha256(chunk), chunk);
  expect((await store.read(sha256(chunk)))?.byteLength).toBe(CHUNK_BYTES);
  expect(await store.read(sha256(chunk), CHUNK_BYTES - 1)).toEqual(new Uint8Array([7]));
  await store.put(sha256(""), bytes(""));
  expect(textOf(await store.read(sha256("")))).toBe("");
  expect(textOf(await store.read(sha256(""), 0, 0))).toBe("");
  expect(await store.sizeOf(sha256(""))).toBe(0);
});

onBoth(
  "what was never stored, or was removed, is not there; removing it again is no fault",
  async (store) => {
    const name = sha256("hello");
    expect([await store.read(name), await store.sizeOf(name), await store.localPath(name)]).toEqual([
      null,
      null,
      null,
    ]);
    await store.put(name, bytes("hello"));
    await store.remove(name);
    await store.remove(name);
    expect(await store.read(name)).toBeNull();
  },
);

onBoth("several senders of the same blobs at once leave whole ones", async (store) => {
  const texts = Array.from({ length: 40 }, (_, n) => `${n}`.repeat(500));
  await Promise.all(
    Array.from({ length: 4 }, () => Promise.all(texts.map((text) => store.put(sha256(text), bytes(text))))),
  );
  for (const text of texts) expect(textOf(await store.read(sha256(text)))).toBe(text);
});

onBoth("packs lie apart from blobs, and a part of one is read", async (store) => {
  const id = "ab".repeat(16);
  await store.packs.put(id, bytes("a pack"));
  expect(textOf(await store.packs.read(id, 2, 6))).toBe("pack");
  expect(await store.packs.sizeOf(id)).toBe(6);
  expect([await namesIn(store, "ab"), await namesIn(store.packs, "ab")]).toEqual([[], [id]]);
  await store.packs.remove(id);
  expect([await store.packs.read(id, 2, 6), await namesIn(store.packs, "ab")]).toEqual([null, []]);
});

onBoth("a listing names what begins with two digits", async (store) => {
  const names = Array.from({ length: 1010 }, (_, n) => `ab${`${n}`.padStart(62, "0")}`);
  for (let at = 0; at < names.length; at += 16)
    await Promise.all(names.slice(at, at + 16).map((name) => store.put(name, bytes("x"))));
  await store.put(`cd${"0".repeat(62)}`, bytes("x"));
  expect((await namesIn(store, "ab")).sort()).toEqual(names);
  expect(await namesIn(store, "ef")).toEqual([]);
});
