import { afterAll, afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKED_BYTES } from "@podium/shared";
import { createApi } from "./client.ts";
import { type LocalFile, scan } from "./scan.ts";
import { Uploader } from "./uploader.ts";

const BUSY = {
  type: "/problems/overloaded",
  title: "overloaded",
  status: 429,
  code: "overloaded",
  detail: "You are sending 16 things at once.",
};
/** What travels alone. */
const SIZE = PACKED_BYTES + 1;

const folder = mkdtempSync(join(tmpdir(), "podium-upload-"));
afterAll(() => rmSync(folder, { recursive: true }));
let stop = async () => {};
afterEach(() => stop());

const COUNT = 30;
const names = Array.from({ length: COUNT }, (_, index) => String(index).padStart(64, "0"));
/** One file, whose nth part is full of the byte n. */
function largeFile(): LocalFile {
  const path = join(folder, "large");
  writeFileSync(path, Buffer.concat(names.map((_, index) => Buffer.alloc(SIZE, index))));
  return scan(path)[0] as LocalFile;
}

/** A hub that has nothing, and is too busy for the first tries to send a blob: then it reads no body. */
function busyHub(refusals: number) {
  const tries: string[] = [];
  const seen = { most: 0, running: 0, stored: [] as string[] };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith("/missing"))
        return Response.json({ missing: ((await request.json()) as { sha256: string[] }).sha256 });
      tries.push(pathname);
      if (tries.length <= refusals)
        return Response.json(BUSY, {
          status: 429,
          headers: { "retry-after": "0", "content-type": "application/problem+json" },
        });
      seen.running++;
      seen.most = Math.max(seen.most, seen.running);
      const bytes = Buffer.from(await request.arrayBuffer());
      // Lets the others begin, so that those that run at once are seen.
      await Bun.sleep(5);
      seen.running--;
      const name = pathname.split("/").at(-1) ?? "";
      if (bytes.equals(Buffer.alloc(SIZE, Number(name)))) seen.stored.push(name);
      return new Response(null, { status: 204 });
    },
  });
  stop = () => server.stop(true);
  return { seen, tries, url: server.url.origin };
}

async function upload(url: string) {
  const waits: string[] = [];
  const api = createApi(url, { token: "t" });
  const options = {
    api,
    team: undefined,
    onSent: () => {},
    onWait: (error: Error) => waits.push(error.message),
  };
  const uploader = new Uploader(options);
  const file = largeFile();
  for (const [index, name] of names.entries()) {
    await uploader.turn();
    uploader.keepPart(name, { file, at: index * SIZE, size: SIZE });
  }
  await uploader.finish();
  return { waits, sent: uploader.sentBytes };
}

test("a hub that has enough of one user's files is waited for, and gets every one of them", async () => {
  const hub = busyHub(20);
  const { waits, sent } = await upload(hub.url);
  expect(waits).toEqual(Array.from({ length: 20 }, () => BUSY.detail));
  expect(hub.seen.stored.sort()).toEqual(names);
  expect(sent).toBe(COUNT * SIZE);
});

test("never more at once than a hub takes of one user", async () => {
  const hub = busyHub(0);
  await upload(hub.url);
  expect(hub.seen.most).toBeLessThanOrEqual(12);
  expect(hub.seen.stored.sort()).toEqual(names);
});

test("a part that was read and is another when it is sent is the file's change, and said so", async () => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (request.url.endsWith("/missing")) return Response.json({ missing: names });
      await request.arrayBuffer();
      const detail = "The bytes sent have SHA-256 x, not y. Send the file again.";
      const problem = { type: "/problems/hash_mismatch", title: "hash_mismatch", code: "hash_mismatch" };
      return Response.json({ ...problem, status: 422, detail }, { status: 422 });
    },
  });
  stop = () => server.stop(true);
  await expect(upload(server.url.origin)).rejects.toThrow(
    "large changed while it was being pushed: other bytes were sent than had been read. Push again when it is done.",
  );
});
