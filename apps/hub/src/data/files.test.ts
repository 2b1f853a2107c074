import { expect, test } from "bun:test";
import { CHUNK_BYTES, MAX_PACKED, PACKED_BYTES, readPack } from "@podium/shared";
import { sha256 } from "../platform/secrets.ts";
import { bytesOf, describeLarge, largeBytes, packOfTexts } from "../testing/blobs.ts";
import { type TestHub, withHub } from "../testing/hub.ts";

const OCTETS = { "content-type": "application/octet-stream" };
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

/** What a client of one person does, over HTTP. */
function clientOf(hub: TestHub, token: string) {
  const post = (path: string, body: unknown) => hub.call("POST", `/api/v1${path}`, { token, body });
  const sendPack = (body: Uint8Array, query = "") =>
    hub.call("POST", `/api/v1/blobs/pack${query}`, { token, body, headers: OCTETS });
  const put = (hash: string, body: Uint8Array) =>
    hub.call("PUT", `/api/v1/blobs/${hash}`, { token, body, headers: OCTETS });
  const get = (path: string, range?: string) =>
    hub.call("GET", `/api/v1${path}`, { token, ...(range ? { headers: { range } } : {}) });
  return {
    post,
    put,
    get,
    sendPack,
    async tree(files: Record<string, { sha256: string; size: number }>) {
      const entries = Object.entries(files).map(([path, file]) => ({ path, ...file, mode: 0o644 }));
      return ((await (await post("/trees", { entries })).json()) as { id: string }).id;
    },
  };
}
const small = (text: string) => ({ sha256: sha256(text), size: bytesOf(text).byteLength });

test("small files come and go in packs, and what is damaged, cut or foreign is told by its code", () =>
  withHub(async (hub) => {
    const ann = clientOf(hub, (await hub.join("ann")).token);
    const eve = clientOf(hub, (await hub.join("eve")).token);
    const sent = await ann.sendPack(packOfTexts("one", "two", ""));
    expect([sent.status, await sent.json()]).toEqual([200, { stored: 3, size_bytes: 6 }]);
    const asked = { sha256: [sha256("one"), sha256("three")] };
    expect(await (await ann.post("/blobs/missing", asked)).json()).toEqual({ missing: [sha256("three")] });

    const id = await ann.tree({ a: small("one"), "b/c": small("two"), empty: small("") });
    const names = [sha256("two"), sha256(""), sha256("one")];
    const pack = await ann.post(`/trees/${id}/pack`, { sha256: names });
    const texts = await Array.fromAsync(readPack(bodyOf(pack)), ({ bytes }) =>
      new TextDecoder().decode(bytes),
    );
    expect(texts).toEqual(["two", "", "one"]);

    expect(await codeOf(await eve.post(`/trees/${id}/pack`, { sha256: names }))).toEqual([404, "not_found"]);
    const others = { sha256: [sha256("three")] };
    expect(await codeOf(await ann.post(`/trees/${id}/pack`, others))).toEqual([404, "not_found"]);
    for (const absurd of [[], Array.from({ length: MAX_PACKED + 1 }, () => sha256("one")), ["x"], "x"])
      expect((await ann.post(`/trees/${id}/pack`, { sha256: absurd })).status).toBe(400);

    const damaged = packOfTexts("four");
    damaged[39] = 0;
    expect(await codeOf(await ann.sendPack(damaged))).toEqual([422, "hash_mismatch"]);
    expect(await codeOf(await ann.sendPack(packOfTexts("four").subarray(0, 38)))).toEqual([
      400,
      "invalid_request",
    ]);
    expect(await codeOf(await ann.sendPack(packOfTexts("four"), "?team=eve"))).toEqual([403, "forbidden"]);
  }));

test("a large file comes in chunks, and a fetch that broke off goes on where it was", () =>
  withHub(async (hub) => {
    const ann = clientOf(hub, (await hub.join("ann")).token);
    const bytes = largeBytes(1, 1000);
    const { parts, ...file } = describeLarge(bytes);
    expect(await codeOf(await ann.post("/blobs/composed", file))).toEqual([400, "invalid_request"]);
    for (const [index, part] of parts.entries())
      expect((await ann.put(file.chunks[index] ?? "", part)).status).toBe(204);
    expect((await ann.post("/blobs/composed", file)).status).toBe(204);
    const id = await ann.tree({ big: { sha256: file.sha256, size: file.size } });
    const path = `/trees/${id}/blobs/${file.sha256}`;

    expect(Buffer.from(await (await ann.get(path)).arrayBuffer()).equals(bytes)).toBe(true);
    const rest = await ann.get(path, `bytes=${CHUNK_BYTES - 5}-`);
    expect([rest.status, rest.headers.get("content-range")]).toEqual([
      206,
      `bytes ${CHUNK_BYTES - 5}-${file.size - 1}/${file.size}`,
    ]);
    expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(CHUNK_BYTES - 5))).toBe(true);
    expect(await codeOf(await ann.get(path, `bytes=${file.size}-`))).toEqual([416, "range_not_satisfiable"]);
    expect(await codeOf(await ann.get(`/trees/${id}/blobs/${file.chunks[0]}`))).toEqual([404, "not_found"]);
    expect(await codeOf(await ann.post(`/trees/${id}/pack`, { sha256: [file.sha256] }))).toEqual([
      400,
      "invalid_request",
    ]);
  }));

test("what is too large for a blob or a pack is refused, and the limit named", () =>
  withHub(async (hub) => {
    const ann = clientOf(hub, (await hub.join("ann")).token);
    const over = new Uint8Array(CHUNK_BYTES + 1);
    expect(await codeOf(await ann.put(sha256(over), over))).toEqual([413, "payload_too_large"]);
    const medium = new Uint8Array(PACKED_BYTES + 1);
    await ann.put(sha256(medium), medium);
    const id = await ann.tree({ medium: { sha256: sha256(medium), size: medium.byteLength } });
    const refused = await ann.post(`/trees/${id}/pack`, { sha256: [sha256(medium)] });
    expect(await codeOf(refused)).toEqual([400, "invalid_request"]);
  }));

test("a tree of many files is answered as it was sent, and what is wrong with one is named", () =>
  withHub(async (hub) => {
    const ann = clientOf(hub, (await hub.join("ann")).token);
    await ann.sendPack(packOfTexts("same"));
    const paths = Array.from({ length: 5000 }, (_, n) => `data/${n % 7}/"odd" name é ${n}.txt`);
    const id = await ann.tree(Object.fromEntries(paths.map((path) => [path, small("same")])));
    const tree = (await (await ann.get(`/trees/${id}`)).json()) as {
      id: string;
      entries: { path: string }[];
    };
    expect(tree.id).toBe(id);
    expect(tree.entries.map(({ path }) => path)).toEqual(paths.toSorted());

    const good = { path: "a", ...small("same"), mode: 0o644 };
    for (const [bad, path] of [
      [{ ...good, path: "../a" }, "entries.1.path"],
      [{ ...good, mode: 0o777 }, "entries.1.mode"],
      [{ ...good, size: -1 }, "entries.1.size"],
      [{ ...good, sha256: "x" }, "entries.1.sha256"],
      [{ ...good, more: 1 }, "entries.1"],
      [null, "entries.1"],
      [{ ...good, path: "unsent", ...small("unsent") }, "entries.1"],
    ] as const) {
      const answer = await ann.post("/trees", { entries: [good, bad] });
      const { errors } = (await answer.json()) as { errors: { path: string }[] };
      expect([answer.status, errors.map((error) => error.path)]).toEqual([400, [path]]);
    }
    for (const entries of [undefined, null, "x", {}])
      expect((await ann.post("/trees", { entries })).status).toBe(400);
  }));

test("a tree is made from what is different to another, and what can't be is told by its code", () =>
  withHub(async (hub) => {
    const ann = clientOf(hub, (await hub.join("ann")).token);
    const eve = clientOf(hub, (await hub.join("eve")).token);
    await ann.sendPack(packOfTexts("1", "2"));
    await eve.sendPack(packOfTexts("1", "2"));
    const base = await ann.tree({ a: small("1"), b: small("1"), "c/d": small("1") });
    const [changed, whole] = [{ b: small("2") }, { a: small("1"), b: small("2") }];
    const entries = Object.entries(changed).map(([path, file]) => ({ path, ...file, mode: 0o644 }));
    const made = await ann.post("/trees", { base, entries, removed: ["c/d"] });
    expect([made.status, await made.json()]).toEqual([201, { id: await ann.tree(whole), size: 2 }]);

    expect(await codeOf(await eve.post("/trees", { base, entries }))).toEqual([404, "not_found"]);
    for (const wrong of [
      { base, entries, removed: ["never"] },
      { base, entries, removed: ["b"] },
      { base, entries, removed: ["a", "a"] },
      { base, entries: [{ ...entries[0], path: "c" }] },
      { base, entries: [{ ...entries[0], path: "a/b" }] },
      { base, entries: [{ ...entries[0], ...small("unsent") }] },
      { base, entries: null, removed: ["a"] },
      { base, entries: [null], removed: ["a"] },
      { base, entries, removed: [1] },
      { base: "x", entries },
      { entries, removed: ["a"] },
    ])
      expect(await codeOf(await ann.post("/trees", wrong))).toEqual([400, "invalid_request"]);
  }));

const bodyOf = (answer: Response) => answer.body as unknown as AsyncIterable<Uint8Array>;

test("so many bodies at once and no more are taken from one person; others are not held up by it", () =>
  withHub(async (hub) => {
    const [ann, eve] = [(await hub.join("ann")).token, (await hub.join("eve")).token];
    const begun: Promise<Response>[] = [];
    const ends: (() => void)[] = [];
    const begin = (path: string) => {
      const ended = Promise.withResolvers<void>();
      ends.push(ended.resolve);
      async function* body() {
        yield packOfTexts("one");
        await ended.promise;
      }
      const headers = { authorization: `Bearer ${ann}`, ...OCTETS };
      const init = { method: "POST", body: body as unknown as ReadableStream, headers };
      begun.push(Promise.resolve(hub.app.request(path, init)));
    };
    for (let count = 0; count < 17; count++) begin("/api/v1/blobs/pack");
    const refused = await Promise.race(begun);
    expect([...(await codeOf(refused)), refused.headers.get("retry-after")]).toEqual([
      429,
      "overloaded",
      "1",
    ]);
    expect((await clientOf(hub, eve).sendPack(packOfTexts("two"))).status).toBe(200);
    expect((await clientOf(hub, ann).post("/blobs/missing", { sha256: [sha256("one")] })).status).toBe(200);

    for (const end of ends) end();
    const statuses = (await Promise.all(begun)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect((await clientOf(hub, ann).sendPack(packOfTexts("two"))).status).toBe(200);

    const entries = Array.from({ length: 10_000 }, (_, index) => ({
      path: `${index}`,
      ...small("gone"),
      mode: 0o644,
    }));
    const body = JSON.stringify({ entries });
    const headers = { "content-type": "application/json", "content-length": `${body.length}` };
    const post = () => hub.call("POST", "/api/v1/trees", { token: ann, body, headers });
    const large = await Promise.all([post(), post(), post()]);
    expect(large.map(({ status }) => status).sort()).toEqual([400, 400, 429]);
  }));
