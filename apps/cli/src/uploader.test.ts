import { afterEach, expect, test } from "bun:test";
import { PACKED_BYTES } from "@podium/shared";
import { createApi } from "./client.ts";
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

let stop = async () => {};
afterEach(() => stop());

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
      const { byteLength } = await request.arrayBuffer();
      // Lets the others begin, so that those that run at once are seen.
      await Bun.sleep(5);
      seen.running--;
      if (byteLength === SIZE) seen.stored.push(pathname.split("/").at(-1) ?? "");
      return new Response(null, { status: 204 });
    },
  });
  stop = () => server.stop(true);
  return { seen, tries, url: server.url.origin };
}

async function upload(url: string, names: readonly string[]) {
  const waits: string[] = [];
  const api = createApi(url, { token: "t" });
  const options = {
    api,
    team: undefined,
    onSent: () => {},
    onWait: (error: Error) => waits.push(error.message),
  };
  const uploader = new Uploader(options);
  for (const name of names) {
    (await uploader.room(SIZE)).fill(name);
    uploader.keep(name, SIZE);
  }
  await uploader.finish();
  return { waits, sent: uploader.sentBytes };
}

const names = Array.from({ length: 30 }, (_, index) => String(index).padStart(64, "0"));

test("a hub that has enough of one user's files is waited for, and gets every one of them", async () => {
  const hub = busyHub(20);
  const { waits, sent } = await upload(hub.url, names);
  expect(waits).toEqual(Array.from({ length: 20 }, () => BUSY.detail));
  expect(hub.seen.stored.sort()).toEqual(names);
  expect(sent).toBe(names.length * SIZE);
});

test("never more at once than a hub takes of one user", async () => {
  const hub = busyHub(0);
  await upload(hub.url, names);
  expect(hub.seen.most).toBeLessThanOrEqual(12);
  expect(hub.seen.stored.sort()).toEqual(names);
});
