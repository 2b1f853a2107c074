import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { home, runPodium } = podiumCommand();

setDefaultTimeout(60_000);

const TREE = "a".repeat(64);
const SESSION = {
  id: `ses_${"0".repeat(32)}`,
  name: "ann/films/1",
  kind: "train",
  nodes: 1,
  state: "succeeded",
};
const binding = { id: `bnd_${"0".repeat(32)}`, version: 1, model: "net.onnx@aaaa", weight: 1, failure: null };
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/endpoints/net": { name: "net", team: "film-lab", bindings: [{ ...binding, state: "ready" }] },
  "GET /api/v1/sessions": { items: [SESSION], next: null },
  "POST /api/v1/endpoints/net/bindings": { ...binding, state: "starting" },
  "POST /api/v1/blobs/missing": { missing: [] },
  "POST /api/v1/trees": { id: TREE, size: 5 },
};

const asked: { call: string; body: unknown }[] = [];
/** Stands in for the hub's answers, which is all that the command sees of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const call = `${request.method} ${pathname}`;
    const text = await request.text();
    const isJson = request.headers.get("content-type")?.includes("json") === true;
    if (request.method !== "GET") asked.push({ call, body: isJson && text !== "" ? JSON.parse(text) : null });
    const answer = ANSWERS[call];
    if (request.method === "PUT" || pathname === "/api/v1/blobs/pack")
      return new Response(null, { status: 204 });
    return answer
      ? Response.json(answer)
      : Response.json({ detail: "no such thing", code: "not_found" }, { status: 404 });
  },
});
afterAll(() => hub.stop(true));

const bind = (...args: string[]) => runPodium(["endpoint", "bind", "net", ...args], loggedIn(hub.url.origin));
const sent = (call: string) => asked.findLast((each) => each.call === `POST /api/v1/${call}`)?.body;
const file = join(home, "net.onnx");
writeFileSync(file, "bytes");

test("an ONNX file of this machine is pushed for the endpoint's team and bound by its name", async () => {
  const { stdout, exitCode } = await bind("--onnx", file, "--cpus", "2", "--memory", "1G");
  expect([exitCode, stdout.trim()]).toEqual([0, "net → net.onnx@aaaa is ready."]);
  expect(sent("trees")).toMatchObject({ team: "film-lab", entries: [{ path: "net.onnx" }] });
  const resources = { cpu_milli: 2000, memory_bytes: 1024 ** 3 };
  expect(sent("endpoints/net/bindings")).toEqual({
    onnx: { tree_id: TREE, file: "net.onnx", resources },
    max_batch: 64,
    scaling: { max_replicas: 1 },
  });
});

test("with a session, --onnx is a file of its checkpoint; without, the script is served as ever", async () => {
  const saved = {
    session_id: SESSION.id,
    checkpoint: "best",
    max_batch: 64,
    scaling: { max_replicas: 1 },
  };
  await bind("ann/films/1", "best", "--onnx", "out/model.onnx");
  expect(sent("endpoints/net/bindings")).toEqual({ ...saved, onnx: { file: "out/model.onnx" } });
  await bind("ann/films/1", "best");
  expect(sent("endpoints/net/bindings")).toEqual(saved);
});

test("a weight is sent as it is given; a version without traffic is told how it gets some", async () => {
  await bind("ann/films/1", "best", "--weight", "0");
  expect(sent("endpoints/net/bindings")).toMatchObject({ weight: 0 });
  const found = "GET /api/v1/endpoints/net";
  const before = ANSWERS[found];
  ANSWERS[found] = { bindings: [{ ...binding, weight: 0, state: "ready" }] };
  const { stdout } = await bind("ann/films/1", "best");
  ANSWERS[found] = before;
  expect(stdout).toContain("podium endpoint traffic net 1=100");
});

test("what is not there, or not named, is told before anything is sent", async () => {
  const before = asked.length;
  const missing = await bind("--onnx", join(home, "other.onnx"));
  expect([missing.exitCode, missing.stderr]).toEqual([
    2,
    expect.stringContaining("There is no file or folder"),
  ]);
  const nothing = await bind();
  expect([nothing.exitCode, nothing.stderr]).toEqual([2, expect.stringContaining("--onnx FILE")]);
  const half = await bind("ann/films/1");
  expect([half.exitCode, half.stderr]).toEqual([2, expect.stringContaining("SESSION CHECKPOINT")]);
  expect(asked).toHaveLength(before);
});
