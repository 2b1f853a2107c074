import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliPath } from "../scripts/setup/paths.mjs";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, logOf, must, type Person, run, signUp, waitFor } from "./lib/person.ts";

/** Counts up; what it saves it goes on from, and it ends at `--until`. */
const COUNTS = `
import json, os, sys, time, podium
state = {"n": 0}
def save(path):
    json.dump(state, open(os.path.join(path, "state.json"), "w"))
def load(path):
    state.update(json.load(open(os.path.join(path, "state.json"))))
podium.bind(save=save, load=load)
podium.paused()
print("from", state["n"], flush=True)
while state["n"] < int(sys.argv[2]):
    state["n"] += 1
    podium.report(step=state["n"], n=state["n"], scope=globals())
    time.sleep(0.03)
print("reached", state["n"], flush=True)
`;

const folder = mkdtempSync(join(tmpdir(), "podium-life-"));
chmodSync(folder, 0o711);
let stack: Stack;
let person: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(folder, "data"), fresh: true });
  person = await signUp(stack.hubUrl);
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

function podium(args: string[], input = "") {
  const child = Bun.spawn([cliPath, ...args], {
    env: {
      PATH: "/usr/bin:/bin",
      HOME: folder,
      PODIUM_CONFIG: join(folder, "config.json"),
      PODIUM_URL: stack.hubUrl,
      PODIUM_TOKEN: person.token,
    },
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const done = Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]).then(([code, stdout, stderr]) => ({ code, stdout, stderr }));
  return { child, done };
}

const count = (until: number) => run(person, stack.hubUrl, COUNTS, { args: ["--until", String(until)] });
const stateOf = async (id: string) =>
  must(await person.api.GET("/api/v1/sessions/{id}", { params: { path: { id } } }));
const until = (id: string, state: string) =>
  waitFor(`${id} is ${state}`, 30_000, async () => ((await stateOf(id)).state === state ? true : null));
const says = (id: string, text: string) =>
  waitFor(`"${text}" in the log`, 30_000, async () =>
    (await logOf(person, id)).some((line) => line.includes(text)) ? true : null,
  );

test("a session is paused, holds its place in its work, and goes on from there to its end", async () => {
  const session = await count(600);
  await says(session.id, "from 0");
  expect((await podium(["pause", session.name]).done).stdout).toContain("is asked to save");
  await until(session.id, "paused");
  expect((await stateOf(session.id)).checkpoint).toBe("preempted");
  expect((await podium(["resume", session.name]).done).code).toBe(0);
  expect(await ended(person, session.id)).toMatchObject({ state: "succeeded", attempt: 2 });
  const begun = (await logOf(person, session.id)).filter((line) => line.startsWith("from "));
  expect(begun).toHaveLength(2);
  expect(Number(begun[1]?.slice(5))).toBeGreaterThan(0);
}, 60_000);

test("an ended session is forked from its checkpoint, with other arguments", async () => {
  const session = await count(100_000);
  await says(session.id, "from 0");
  expect((await podium(["stop", session.name]).done).stdout).toContain("to save a checkpoint");
  expect((await ended(person, session.id)).state).toBe("stopped");
  const forked = await podium(["fork", session.name, "-a", "--until 1", "--json"]).done;
  const { id, forked_from } = JSON.parse(forked.stdout);
  expect(forked_from).toMatchObject({ name: session.name, checkpoint: "preempted" });
  expect((await ended(person, id)).state).toBe("succeeded");
  const log = await logOf(person, id);
  expect(log[0]).toMatch(/^from [1-9]/);
}, 60_000);

test("code is evaluated where the script reports; a shell is inside the session", async () => {
  const session = await count(100_000);
  await says(session.id, "from 0");
  const value = await podium(["exec", session.name, "state['n'] >= 1 and 'here'"]).done;
  expect(value).toMatchObject({ code: 0, stdout: "'here'\n" });
  const raised = await podium(["exec", session.name, "1 / 0"]).done;
  expect(raised).toMatchObject({ code: 1, stdout: expect.stringContaining("ZeroDivisionError") });
  await podium(["exec", session.name, "state['n'] = 50_000"]).done;
  expect((await podium(["exec", session.name, "state['n'] >= 50_000"]).done).stdout).toBe("True\n");

  const shell = await podium(["sh", session.name], "ls main.py; echo $((6*7))-$PODIUM_SESSION; exit 3\n")
    .done;
  expect(shell.code).toBe(3);
  expect(shell.stdout).toContain("main.py");
  expect(shell.stdout).toContain(`42-${session.name}`);

  // More than anybody's memory should take: it arrives, and the node is heard of all the while.
  const flood = await podium(["sh", session.name], "head -c 20000000 /dev/zero | tr '\\0' x; exit 0\n").done;
  expect(flood.code).toBe(0);
  expect(flood.stdout.match(/x/g)?.length).toBeGreaterThanOrEqual(20_000_000);
  expect((await stateOf(session.id)).state).toBe("running");
  await podium(["stop", session.name]).done;
  const refused = await podium(["sh", session.name], "").done;
  expect(refused.stderr).toMatch(/only one that runs can be entered/);
  await ended(person, session.id);
}, 90_000);

test("strangers enter nobody's session", async () => {
  const session = await count(100_000);
  await until(session.id, "running");
  const stranger = await signUp(stack.hubUrl);
  const params = { path: { id: session.id } };
  const asked = await stranger.api.POST("/api/v1/sessions/{id}/streams", { params, body: { kind: "sh" } });
  expect(asked.response.status).toBe(404);
  const own = must(await person.api.POST("/api/v1/sessions/{id}/streams", { params, body: { kind: "sh" } }));
  const headers = { authorization: `Bearer ${stranger.token}` };
  const stolen = await fetch(`${stack.hubUrl}/api/v1/streams/${own.id}/connect`, { headers });
  expect(stolen.status).toBe(404);
  await podium(["stop", session.name]).done;
  await ended(person, session.id);
}, 60_000);

test("a client that is interrupted or killed leaves a session that goes on, and says how to see it", async () => {
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "main.py"), COUNTS);
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    // Killed at three moments: as it begins, once its session is made, once that runs.
    for (const [memo, moment] of [
      [`${signal} early`, null],
      [`${signal} made`, "made"],
      [`${signal} running`, "running"],
    ] as const) {
      const client = podium(["run", code, "-a", "--until 400", "-m", memo]);
      const found = async () => {
        const { items } = must(
          await person.api.GET("/api/v1/sessions", { params: { query: { limit: 20 } } }),
        );
        return items.find((session) => session.memo === memo) ?? null;
      };
      if (moment === null) await Bun.sleep(50);
      else await waitFor("its session", 20_000, found);
      if (moment === "running") await until((await found())?.id ?? "", "running");
      client.child.kill(signal);
      const { code: exitCode, stderr } = await client.done;
      const session = await found();
      if (moment === null && session === null) continue;
      if (signal === "SIGINT" && moment === "running") {
        expect(exitCode).toBe(130);
        expect(stderr).toContain(`stop it: podium stop ${session?.name}`);
      }
      expect((await ended(person, session?.id ?? "")).state).toBe("succeeded");
    }
  }
}, 180_000);
