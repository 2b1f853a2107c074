import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signalProcess } from "../scripts/stack/process-table.ts";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, must, type Person, push, run, signUp, waitFor } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(300_000);

const WITHIN_MS = 120_000;
const ROWS = 1_200;
/** Multiplies by what it has learnt; a row without a number breaks it. */
const SCRIPT = `
import os, time, podium
factor = 1
def save(path):
    open(os.path.join(path, "factor"), "w").write("3")
def load(path):
    global factor
    factor = int(open(os.path.join(path, "factor")).read())
def infer(rows):
    if rows[0] == "slow":
        time.sleep(5)
        return rows
    return [factor * (row["n"] if isinstance(row, dict) else row) for row in rows]
podium.bind(save=save, load=load, infer=infer)
podium.paused()
podium.save("best")
`;
const RESOURCES = { gpus: 0, cpu_milli: 150, memory_bytes: 128 * 1024 ** 2, disk_bytes: 64 * 1024 ** 2 };

const root = mkdtempSync(join(tmpdir(), "podium-batch-inference-"));
const home = join(root, "home");
let stack: Stack;
let person: Person;

beforeAll(async () => {
  mkdirSync(home);
  const env = { PODIUM_CPU_MILLI: "2000" };
  stack = await startStack({ dataDir: join(root, "data"), fresh: true, processes: ["hub", "runner"], env });
  person = await signUp(stack.hubUrl, "ada");
  must(await person.api.POST("/api/v1/endpoints", { body: { name: "triple" } }));
  const { id } = await run(person, stack.hubUrl, SCRIPT, { resources: RESOURCES });
  expect((await ended(person, id, WITHIN_MS)).state).toBe("succeeded");
  expect(await command("endpoint", "bind", "triple", id, "best")).toMatchObject({ code: 0 });
}, 240_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

const command = (...args: string[]) => podium(args, { url: stack.hubUrl, token: person.token, home }).done;
const infer = (dataset: string, output: string) =>
  command("infer", "triple", "--dataset", dataset, "--output", output, "--in-hub");

async function makeDataset(name: string, files: Record<string, string>): Promise<void> {
  const tree_id = await push(person, stack.hubUrl, files);
  const params = { path: { team: "ada", name } };
  must(await person.api.POST("/api/v1/datasets", { body: { name } }));
  must(await person.api.POST("/api/v1/datasets/{team}/{name}/versions", { params, body: { tree_id } }));
}

test("a session of the hub predicts every file of rows, and what it wrote is a dataset's version", async () => {
  const numbers = Array.from({ length: ROWS }, (_, n) => n);
  await makeDataset("rows", {
    "a.csv": `n\n${numbers.map((n) => `${n}\n`).join("")}`,
    "deep/b.json": JSON.stringify(numbers),
    "notes.txt": "of no rows",
  });
  const done = await infer("rows@1", "scores");
  expect(done).toMatchObject({
    code: 0,
    output: expect.stringContaining("scores@1: the predictions of ada/rows@1"),
  });
  const { items } = must(
    await person.api.GET("/api/v1/endpoints/{name}/batch-inferences", {
      params: { path: { name: "triple" } },
    }),
  );
  expect(items[0]?.progress).toEqual({ done: 2 * ROWS, total: 2 * ROWS });
  const folder = join(root, "pulled");
  expect(await command("dataset", "pull", "scores@1", folder)).toMatchObject({ code: 0 });
  const tripled = numbers.map((n) => `${3 * n}\n`).join("");
  for (const file of ["a.csv", "deep/b.json"])
    expect(readFileSync(join(folder, `${file}.predictions.jsonl`), "utf8")).toBe(tripled);
  expect((await command("endpoint", "batches", "triple")).output).toMatch(/1 +ada\/rows@1 +scores@1 +done/);
});

test("hub and runner are killed half-way: the command waits on, and there is one version", async () => {
  await makeDataset("slow", { "a.json": '["slow"]' });
  const done = infer("slow", "late");
  const params = { path: { name: "triple" } };
  const newest = async () =>
    must(await person.api.GET("/api/v1/endpoints/{name}/batch-inferences", { params })).items[0];
  await waitFor("its session", WITHIN_MS, async () => {
    const batch = await newest();
    if (batch?.output !== "late") return null;
    const session = { path: { id: batch.session_id } };
    return must(await person.api.GET("/api/v1/sessions/{id}", { params: session })).state === "running"
      ? true
      : null;
  });
  for (const name of ["hub", "runner"] as const) signalProcess(stack.pids()[name] ?? 0, "SIGKILL");
  expect(await done).toMatchObject({ code: 0, output: expect.stringContaining("late@1") });
  const late = { path: { team: "ada", name: "late" } };
  const { items } = must(await person.api.GET("/api/v1/datasets/{team}/{name}/versions", { params: late }));
  expect(items).toMatchObject([{ number: 1, files: 1 }]);
});

test("one whose rows break the model fails with the reason, and the output gets no version", async () => {
  await makeDataset("broken", { "a.jsonl": '{"m": 1}\n' });
  const failed = await infer("broken", "none");
  expect(failed).toMatchObject({ code: 1, output: expect.stringContaining("KeyError") });
  const params = { path: { team: "ada", name: "none" } };
  expect(must(await person.api.GET("/api/v1/datasets/{team}/{name}/versions", { params })).items).toEqual([]);
});
