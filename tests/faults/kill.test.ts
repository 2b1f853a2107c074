import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses } from "../../scripts/stack/process-table.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { ended, logIn, logOf, must, type Person, run, signUp, waitFor } from "../lib/person.ts";

const LINES = 120;
const SCRIPT = `
import time, podium
for i in range(${LINES}):
    print(f"line {i}", flush=True)
    podium.report(step=i, value=float(i))
    time.sleep(0.05)
podium.bind(save=lambda path: open(path + "/model.txt", "w").write("done"))
podium.save("last")
`;

const folder = mkdtempSync(join(tmpdir(), "podium-faults-"));
chmodSync(folder, 0o711);
let stack: Stack;
let admin: Person;
let person: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(folder, "data"), fresh: true });
  admin = await logIn(stack.hubUrl, stack.admin);
  person = await signUp(stack.hubUrl);
  must(
    await admin.api.PUT("/api/v1/credits/prices", {
      body: {
        gpu_minute: 1_000_000,
        gpu_minute_by_model: {},
        cpu_minute: 600_000,
        thousand_calls: 0,
        gib_month: 0,
      },
    }),
  );
  must(
    await admin.api.POST("/api/v1/credits/grants", {
      body: { team: person.team, amount: 50_000_000, memo: "" },
    }),
  );
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

/** Starts a session, kills a process in its middle, and expects that nobody who looks later can tell. */
async function survives(name: "hub" | "runner" | "gateway" | "postgres"): Promise<void> {
  const session = await run(person, stack.hubUrl, SCRIPT);
  await waitFor("the first lines", 30_000, async () =>
    (await logOf(person, session.id)).length > 10 ? true : null,
  );

  const pid = stack.pids()[name];
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, "SIGKILL");

  const end = await ended(person, session.id, 90_000);
  expect(end).toMatchObject({ state: "succeeded", attempt: 1, failure: null });
  const log = (await logOf(person, session.id)).filter((line) => line.startsWith("line "));
  expect(log).toEqual(Array.from({ length: LINES }, (_, index) => `line ${index}`));
  const params = { path: { id: session.id }, query: { limit: 5000 } };
  const { items } = must(await person.api.GET("/api/v1/sessions/{id}/metrics", { params }));
  expect(items.filter((point) => point.name === "value").map((point) => point.value)).toEqual(
    Array.from({ length: LINES }, (_, index) => index),
  );
  const saved = must(
    await person.api.GET("/api/v1/sessions/{id}/checkpoints", { params: { path: { id: session.id } } }),
  );
  expect(saved.items.map((checkpoint) => checkpoint.name)).toEqual(["last"]);

  const ledger = must(await admin.api.GET("/api/v1/credits/summary"));
  expect(ledger.sum).toBe(0);
  expect(ledger.teams.find((team) => team.team === person.team)?.held).toBe(0);
  // Other stacks may run on this machine: a session of ours names our folder.
  const left = listProcesses().filter(
    ({ command, state }) => state !== "Z" && command.includes(`${folder}/data/runner`),
  );
  expect(left).toEqual([]);
}

test("a session outlives kill -9 of the hub", () => survives("hub"), 150_000);
test("a session outlives kill -9 of the runner", () => survives("runner"), 150_000);
test("a session outlives kill -9 of the gateway", () => survives("gateway"), 150_000);
test("a session outlives kill -9 of Postgres", () => survives("postgres"), 150_000);
