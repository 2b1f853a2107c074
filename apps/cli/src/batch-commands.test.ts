import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(120_000);

const SESSION = `ses_${"0".repeat(32)}`;
const ID = `bti_${"0".repeat(32)}`;
const BATCH = {
  id: ID,
  version: 2,
  model: "ada/films/2:best",
  dataset: "ada/rows@3",
  output: "scores",
  output_version: null as number | null,
  state: "running",
  session_id: SESSION,
  failure: null as string | null,
  created_at: "2026-01-01T12:00:00Z",
  ended_at: null as string | null,
};
const DONE = { ...BATCH, state: "done", output_version: 1, ended_at: "2026-01-01T12:01:00Z" };
const PATH = "/api/v1/endpoints/films/batch-inferences";

let asked: [string, unknown][] = [];
/** What is answered about the batch, one after the other; the last again and again. */
let states: object[] = [];
beforeEach(() => {
  asked = [];
  states = [DONE];
});

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const what = `${request.method} ${new URL(request.url).pathname}`;
    const body = await request.text();
    asked.push([what, body === "" ? null : JSON.parse(body)]);
    if (what === `POST ${PATH}`) return Response.json(BATCH, { status: 201 });
    if (what === `GET ${PATH}/${ID}`) return Response.json(states.length > 1 ? states.shift() : states[0]);
    if (what === `GET ${PATH}`) return Response.json({ items: [DONE, BATCH], next: null });
    return Response.json({ id: SESSION, name: "ada/films/9", state: "running" });
  },
});
afterAll(() => hub.stop(true));

const podium = (...args: string[]) => runPodium(args, loggedIn(`http://127.0.0.1:${hub.port}`));
const IN_HUB = ["infer", "films", "--dataset", "rows", "--output", "scores", "--in-hub"];

test("a dataset is predicted in the hub: started once, waited for, and the version is said", async () => {
  states = [BATCH, DONE];
  const { stdout, stderr, exitCode } = await podium(...IN_HUB, "--version", "2");
  expect(exitCode).toBe(0);
  expect(asked.filter(([what]) => what.startsWith("POST"))).toEqual([
    [`POST ${PATH}`, { dataset: "rows", output: "scores", version: 2 }],
  ]);
  expect(stderr).toContain(`${ID}: version 2 predicts ada/rows@3`);
  expect(stderr).toContain(`podium logs -f ${SESSION}`);
  expect(stdout).toContain("scores@1: the predictions of ada/rows@3.");
});

test("with --no-wait it is only started; one that fails says why", async () => {
  expect((await podium(...IN_HUB, "--no-wait")).stdout).toContain(ID);
  expect(asked.map(([what]) => what)).toEqual([`POST ${PATH}`]);
  states = [{ ...BATCH, state: "failed", failure: "KeyError: 'x'" }];
  const failed = await podium(...IN_HUB);
  expect([failed.exitCode, failed.stdout]).toEqual([1, expect.stringContaining("Failed: KeyError: 'x'")]);
  const asJson = await podium(...IN_HUB, "--json");
  expect(JSON.parse(asJson.stdout)).toMatchObject({ id: ID, failure: "KeyError: 'x'" });
});

test("what does not go together is refused before anything is sent", async () => {
  for (const args of [
    [...IN_HUB, "--data", "1"],
    ["infer", "films", "--in-hub", "--dataset", "rows"],
    ["infer", "films", "--dataset", "rows", "--output", "scores", "--no-wait"],
  ]) {
    const { stderr, exitCode } = await podium(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--in-hub goes with")]);
  }
  expect(asked).toEqual([]);
});

test("Ctrl-C leaves it running and says so", async () => {
  states = [BATCH];
  const { home } = podiumCommand();
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/main.ts`, ...IN_HUB], {
    env: {
      PATH: "/usr/bin:/bin",
      PODIUM_CONFIG: `${home}/none.json`,
      ...loggedIn(`http://127.0.0.1:${hub.port}`),
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  while (!asked.some(([what]) => what.startsWith("GET /api/v1/sessions/"))) await Bun.sleep(20);
  child.kill("SIGINT");
  expect(await new Response(child.stderr).text()).toContain(
    `Left. It goes on: podium endpoint batches films`,
  );
  expect(await child.exited).toBe(130);
});

test("an endpoint's batches are listed with what became of them", async () => {
  const { stdout } = await podium("endpoint", "batches", "films");
  expect(stdout).toMatch(/2 +ada\/rows@3 +scores@1 +done/);
  expect(stdout).toMatch(/2 +ada\/rows@3 +scores +running/);
});
