import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobNamer, CHUNK_BYTES } from "@podium/shared";
import { systemClock } from "../clock.ts";
import { BlobCache } from "../data/blob-cache.ts";
import { createDigest } from "../data/name-file.ts";
import { removeFolder } from "../data/remove.ts";
import { TestHub } from "../testing/test-hub.ts";
import { HubClient } from "./client.ts";
import { sendBlobs } from "./send-blobs.ts";

const never = new AbortController().signal;
let folder: string;
let hub: TestHub;
let blobs: BlobCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "podium-send-"));
  await mkdir(join(folder, "tmp"));
  blobs = await BlobCache.open(folder, systemClock);
  hub = new TestHub();
});
afterEach(async () => {
  await hub.close();
  await removeFolder(folder);
});

/** A file of three chunks in the cache, as an entry of a tree, and its chunks. */
async function largeFile() {
  const bytes = new Uint8Array(2 * CHUNK_BYTES + 5);
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) bytes[at] = at / CHUNK_BYTES + 1;
  const namer = new BlobNamer(createDigest);
  namer.update(bytes);
  const { sha256, size, chunks } = namer.finish();
  const temporary = blobs.temporaryPath();
  await writeFile(temporary, bytes);
  blobs.file(temporary, { sha256, size });
  return { entries: [{ path: "large", sha256, size, mode: 0o644 as const }], chunks: chunks ?? [] };
}
const send = (entries: Awaited<ReturnType<typeof largeFile>>["entries"]) => {
  const on = { attempt_id: `att_${"0".repeat(32)}`, epoch: 1 };
  return sendBlobs({ hub: new HubClient(hub.url, hub.nodeToken), on, blobs }, entries, never);
};

test("chunks that the hub has lost before the file was named are sent again, and only those", async () => {
  const { entries, chunks } = await largeFile();
  let losses = 1;
  hub.beforeCompose = () => {
    if (losses-- > 0) hub.blobs.delete(chunks[0] ?? "");
  };
  await send(entries);
  expect(hub.received).toEqual([...chunks, chunks[0] ?? ""]);
  expect(hub.blobs.get(entries[0]?.sha256 ?? "")?.byteLength).toBe(2 * CHUNK_BYTES + 5);
});

test("a hub that loses them each time is not asked for ever", async () => {
  const { entries, chunks } = await largeFile();
  hub.beforeCompose = () => hub.blobs.delete(chunks[1] ?? "");
  await expect(send(entries)).rejects.toMatchObject({ code: "invalid_request" });
  expect(hub.received).toHaveLength(4);
});
