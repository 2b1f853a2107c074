import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHUNK_BYTES, canonicalManifest, type TreeEntry } from "@podium/shared";

setDefaultTimeout(60_000);

const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");
const root = mkdtempSync(join(tmpdir(), "podium-push-"));
const folder = join(root, "data");

interface TreeBody {
  team?: string;
  entries: TreeEntry[];
  base?: string;
  removed?: string[];
}
/** What a hub would have, and what it was asked. */
let blobs: Set<string>;
let trees: Map<string, TreeEntry[]>;
let asked: TreeBody[];
let sent: string[];
/** Happens before the next file is composed. */
let beforeCompose: () => void;

/** Does what a hub does with files and trees; stands in for it, which is all that a push sees of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const put = /^\/blobs\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (put) {
      sent.push(put);
      blobs.add(put);
      return new Response(null, { status: 204 });
    }
    if (path === "/blobs/pack") return takePack(Buffer.from(await request.arrayBuffer()));
    const body = (await request.json().catch(() => ({}))) as TreeBody & {
      sha256: string[];
      chunks: string[];
    };
    if (path === "/blobs/missing")
      return Response.json({ missing: body.sha256.filter((name) => !blobs.has(name)) });
    if (path === "/blobs/composed") {
      beforeCompose();
      const gone = body.chunks.find((chunk) => !blobs.has(chunk));
      if (gone) return problem(400, "invalid_request", "a chunk has not been sent");
      blobs.add(String(body.sha256));
      return new Response(null, { status: 204 });
    }
    if (path === "/trees") return makeTree(body);
    if (path === "/me")
      return Response.json({ email: "ann@podium.test", teams: [{ slug: "ann", personal: true }] });
    if (path.endsWith("/versions")) return Response.json({ number: 1 });
    return Response.json({ team: "ann", name: "films", visibility: "team" });
  },
});
afterAll(() => {
  hub.stop(true);
  rmSync(root, { recursive: true });
});

function takePack(bytes: Buffer): Response {
  for (let at = 0; at < bytes.byteLength; ) {
    const name = bytes.toString("hex", at, at + 32);
    sent.push(name);
    blobs.add(name);
    at += 36 + bytes.readUInt32LE(at + 32);
  }
  return Response.json({ stored: 0, size_bytes: 0 });
}

function makeTree(body: TreeBody): Response {
  asked.push(body);
  const base = body.base === undefined ? [] : trees.get(body.base);
  if (!base) return problem(404, "not_found", "there is no such tree");
  const entries = new Map(base.map((entry) => [entry.path, entry]));
  for (const path of body.removed ?? [])
    if (!entries.delete(path)) return problem(400, "invalid_request", `"${path}" is not in the base tree`);
  for (const entry of body.entries) {
    if (!blobs.has(entry.sha256)) return problem(400, "invalid_request", `"${entry.path}" has not been sent`);
    entries.set(entry.path, entry);
  }
  const id = sha256(canonicalManifest([...entries.values()]));
  trees.set(id, [...entries.values()]);
  return Response.json({ id, size: 0 }, { status: 201 });
}

const problem = (status: number, code: string, detail: string) =>
  Response.json({ type: "", title: code, status, code, detail }, { status });

/** Long ago, so that what is written is remembered. */
const OLD_S = 1_700_000_000;
function write(name: string, content: string | Uint8Array) {
  writeFileSync(join(folder, name), content);
  utimesSync(join(folder, name), OLD_S, OLD_S);
}

beforeEach(() => {
  [blobs, trees, asked, sent] = [new Set(), new Map(), [], []];
  beforeCompose = () => {};
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(root, "cache"), { recursive: true, force: true });
  mkdirSync(folder);
  for (let n = 0; n < 300; n++) write(`f${n}`, `file ${n}`);
});

/** Pushes the folder and gives what it was told, when it went well. */
async function push(): Promise<string> {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "main.ts"), "dataset", "push", "films", folder],
    {
      env: {
        PATH: "/usr/bin:/bin",
        HOME: root,
        XDG_CACHE_HOME: join(root, "cache"),
        PODIUM_CONFIG: join(root, "none.json"),
        PODIUM_URL: hub.url.origin,
        PODIUM_TOKEN: "pdm_x",
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [output, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(error);
  return output;
}

/** A change time can't be set: until it is old enough, what was written is read again. */
async function pushOnceOld() {
  const newest = statSync(join(folder, "f299")).ctimeMs;
  while (Date.now() < newest + 2_100) await Bun.sleep(50);
  return push();
}
/** The tree that the hub has of the folder, path by path. */
const lastTree = () =>
  Object.fromEntries(([...trees.values()].at(-1) ?? []).map((entry) => [entry.path, entry.sha256]));

test("a second push sends what is different, and the tree is that of all files", async () => {
  await pushOnceOld();
  write("f7", "another 7");
  write("g", "new");
  rmSync(join(folder, "f8"));
  expect(await push()).toContain("300 files");
  expect(asked.map(({ base, entries, removed }) => [base, entries.length, removed])).toEqual([
    [undefined, 300, undefined],
    [[...trees.keys()][0], 2, ["f8"]],
  ]);
  expect(sent.slice(300)).toEqual([sha256("another 7"), sha256("new")]);
  expect(lastTree()).toMatchObject({ f7: sha256("another 7"), g: sha256("new"), f9: sha256("file 9") });
  expect(lastTree()).not.toHaveProperty("f8");
});

test("what was pushed just after it was written is read again, and not sent as different", async () => {
  await push();
  await push();
  expect(asked[1]).toEqual({ team: "ann", base: [...trees.keys()][0] ?? "", entries: [], removed: [] });
});

test("a hub that has the last tree no more is told all files", async () => {
  await pushOnceOld();
  trees.clear();
  write("f7", "another 7");
  await push();
  expect(asked.map(({ base, entries }) => [base === undefined, entries.length])).toEqual([
    [true, 300],
    [false, 1],
    [true, 300],
  ]);
  expect(lastTree()).toMatchObject({ f7: sha256("another 7"), f8: sha256("file 8") });
});

test("a hub that has lost files besides is sent them again", async () => {
  await pushOnceOld();
  trees.clear();
  blobs.delete(sha256("file 8"));
  write("f7", "another 7");
  await push();
  expect(sent.slice(300)).toEqual([sha256("another 7"), sha256("file 8")]);
  expect(lastTree()).toMatchObject({ f7: sha256("another 7"), f8: sha256("file 8") });
});

test("a last tree that is another than is remembered costs nothing but a request", async () => {
  await pushOnceOld();
  const [id = ""] = trees.keys();
  trees.set(id, []);
  rmSync(join(folder, "f8"));
  await push();
  expect(asked.map(({ base }) => base)).toEqual([undefined, id, undefined]);
  expect(Object.keys(lastTree())).toHaveLength(299);
});

test("chunks that the hub has lost before the file was named are sent again, and only those", async () => {
  const bytes = new Uint8Array(2 * CHUNK_BYTES + 5);
  bytes[0] = 1;
  write("large", bytes);
  const first = sha256(bytes.subarray(0, CHUNK_BYTES));
  let losses = 1;
  beforeCompose = () => {
    if (losses-- > 0) blobs.delete(first);
  };
  await push();
  expect(sent.filter((name) => name === first)).toHaveLength(2);
  expect(sent).toHaveLength(300 + 3 + 1);
  expect(lastTree()).toHaveProperty("large");
});
