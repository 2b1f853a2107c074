import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeParquet } from "../apps/cli/src/testing/write-parquet.ts";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { logIn, must, type Person, push, signUp } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(240_000);

const ROWS = 240;
const FILES = ["a.csv", "c.parquet", "deep/b.npy"];
const ALL = FILES.length * ROWS;
const root = mkdtempSync(join(tmpdir(), "podium-infer-dataset-"));
let stack: Stack;
let person: Person;
let heartbeat: Timer;
/** rows that were asked, in all */
let asked = 0;
/** answers that come before the model's own */
let refusals: (() => Response)[] = [];

/** Stands where a gateway does; the model doubles what it gets. */
const gateway = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const rows = (await request.json()) as (number | { n: number })[];
    const refusal = refusals.shift();
    if (refusal) return refusal();
    await Bun.sleep(2);
    asked += rows.length;
    return Response.json(rows.map((row) => 2 * (typeof row === "number" ? row : row.n)));
  },
});

beforeAll(async () => {
  stack = await startStack({ dataDir: join(root, "data"), fresh: true, processes: ["hub"] });
  const admin = await logIn(stack.hubUrl, stack.admin);
  person = await signUp(stack.hubUrl, "caller");
  const url = gateway.url.origin;
  const body = {
    gateway_id: `gtw_${"a".repeat(32)}`,
    replica_url: url.replace("http", "ws"),
    public_url: url,
  };
  const tell = async () => void (await admin.api.POST("/api/v1/gateway/heartbeat", { body }).catch(() => {}));
  await tell();
  heartbeat = setInterval(tell, 5_000);
  must(await person.api.POST("/api/v1/endpoints", { body: { name: "double" } }));
  const numbers = await writeParquet(
    join(root, "c.parquet"),
    `SELECT range::INTEGER AS n FROM range(${ROWS})`,
  );
  const tree_id = await push(person, stack.hubUrl, {
    "a.csv": `n\n${Array.from({ length: ROWS }, (_, n) => `${n}\n`).join("")}`,
    "deep/b.npy": arrayOf(ROWS),
    "c.parquet": readFileSync(numbers),
    "notes.txt": "of no rows",
  });
  const params = { path: { team: "caller", name: "films" } };
  must(await person.api.POST("/api/v1/datasets", { body: { name: "films" } }));
  must(await person.api.POST("/api/v1/datasets/{team}/{name}/versions", { params, body: { tree_id } }));
}, 120_000);

afterAll(async () => {
  clearInterval(heartbeat);
  await stack?.stop();
  await gateway.stop(true);
  rmSync(root, { recursive: true, force: true });
}, 60_000);

/** The numbers from 0 on, as numpy.save writes them. */
function arrayOf(count: number): Uint8Array {
  const header = `{'descr': '<i4', 'fortran_order': False, 'shape': (${count},), }`.padEnd(117);
  const length = Buffer.from([118, 0]);
  const numbers = Int32Array.from({ length: count }, (_, n) => n);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    length,
    Buffer.from(`${header}\n`),
    new Uint8Array(numbers.buffer),
  ]);
}

const home = join(root, "home");
mkdirSync(home);
const command = (...args: string[]) => podium(args, { url: stack.hubUrl, token: person.token, home });
const infer = (output: string) =>
  command("infer", "double", "--dataset", "films", "--output", output, "--at-once", "10", "--json");

async function versionsOf(name: string) {
  const params = { path: { team: "caller", name } };
  return must(await person.api.GET("/api/v1/datasets/{team}/{name}/versions", { params })).items;
}

async function predictions(name: string): Promise<string[]> {
  const folder = join(root, `pulled-${name}`);
  const pulled = await command("dataset", "pull", name, folder).done;
  expect(pulled).toMatchObject({ code: 0 });
  return FILES.map((file) => readFileSync(join(folder, `${file}.predictions.jsonl`), "utf8"));
}

const doubled = Array.from({ length: ROWS }, (_, n) => `${2 * n}\n`).join("");

test("a version's files of rows are predicted, and what came of them is the next version of another dataset", async () => {
  refusals = [() => new Response("{}", { status: 429, headers: { "retry-after": "1" } })];
  const { code, output } = await infer("scores").done;
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(output.slice(output.indexOf("{")))).toEqual({
    dataset: "caller/scores@1",
    files: FILES.length,
    rows: ALL,
  });
  expect(asked).toBe(ALL);
  expect(await predictions("scores")).toEqual(FILES.map(() => doubled));
});

test("killed at any moment, the same command goes on: no row is lost or double, and there is one version", async () => {
  asked = 0;
  let kills = 0;
  // While rows are asked, and around the moments when the result is pushed and becomes a version.
  for (const [rows, laterMs] of [
    [60, 0],
    [200, 3],
    [300, 0],
    [650, 1],
    [ALL, 0],
    [ALL, 40],
    [ALL, 90],
    [ALL, 150],
  ] as const) {
    const started = infer("killed");
    const isOver = started.done.then(() => true);
    const soon = () => Promise.race([isOver, Bun.sleep(1).then(() => false)]);
    while (asked < rows && !(await soon()));
    await Bun.sleep(laterMs);
    started.kill("SIGKILL");
    if ((await started.done).code !== 0) kills += 1;
  }
  expect(kills).toBeGreaterThan(3);
  const { code, output } = await infer("killed").done;
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(await versionsOf("killed")).toHaveLength(1);
  expect(await predictions("killed")).toEqual(FILES.map(() => doubled));
});

test("what is wrong with a file is told before a call is paid for; a refused row names its file's rows", async () => {
  const tree_id = await push(person, stack.hubUrl, { "a.csv": "n\n1\n", "b.npy": "no array at all" });
  must(await person.api.POST("/api/v1/datasets", { body: { name: "broken" } }));
  const params = { path: { team: "caller", name: "broken" } };
  must(await person.api.POST("/api/v1/datasets/{team}/{name}/versions", { params, body: { tree_id } }));
  asked = 0;
  const broken = command("infer", "double", "--dataset", "broken", "--output", "out");
  const told = await broken.done;
  expect([told.code, asked]).toEqual([1, 0]);
  expect(told.output).toContain("b.npy: It has no header that npy files have");
  refusals = [() => new Response('{"detail":"no such film"}', { status: 422 })];
  const refused = await infer("refused").done;
  expect(refused.output).toContain("The endpoint answered 422 to rows 1 to 10");
});
