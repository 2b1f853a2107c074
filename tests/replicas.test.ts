import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signalProcess } from "../scripts/stack/process-table.ts";
import { ended, must, type Person, run, signUp, waitFor } from "./lib/person.ts";
import { type ReplicaCluster, startReplicaCluster } from "./lib/replica-cluster.ts";
import { type Calls, callSteadily } from "./lib/steady-calls.ts";

setDefaultTimeout(600_000);

const WITHIN_MS = 240_000;
/** Takes a moment for every batch, so that calls are under way whenever something is killed; and can be killed by a call. */
const DOUBLER = `
import os, time
import podium
def save(path):
    open(os.path.join(path, "model"), "w").write("2")
def load(path):
    global factor
    factor = int(open(os.path.join(path, "model")).read())
def infer(rows):
    time.sleep(0.02)
    if any(row["x"] == "die" for row in rows):
        os._exit(3)
    return [row["x"] * factor for row in rows]
podium.bind(save=save, load=load, infer=infer)
podium.save("best")
podium.paused()
`;

const folder = mkdtempSync(join(tmpdir(), "podium-replicas-"));
let cluster: ReplicaCluster;
let person: Person;
let trained: string;

beforeAll(async () => {
  cluster = await startReplicaCluster(folder);
  person = await signUp(cluster.stack.hubUrl);
  const session = await run(person, cluster.stack.hubUrl, DOUBLER);
  await ended(person, session.id, WITHIN_MS);
  trained = session.id;
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Makes an endpoint with the model behind it; resolves when the model answers. */
async function serve(name: string, scaling: Record<string, number>) {
  const params = { path: { name } };
  must(await person.api.POST("/api/v1/endpoints", { body: { name, public: true } as never }));
  const body = { session_id: trained, checkpoint: "best", max_batch: 4, scaling } as never;
  const { id } = must(await person.api.POST("/api/v1/endpoints/{name}/bindings", { params, body }));
  const binding = async () => {
    const shown = must(await person.api.GET("/api/v1/endpoints/{name}", { params }));
    const found = shown.bindings.find((each) => each.id === id);
    if (!found) throw new Error(`${name} has lost its binding`);
    return found;
  };
  const ready = async () => (await binding()).replicas.filter(({ state }) => state === "ready");
  const hasReady = (count: number) =>
    waitFor(`${count} ready replicas of ${name}`, WITHIN_MS, async () => {
      const replicas = await ready();
      return replicas.length === count ? replicas : null;
    });
  const scale = async (change: Record<string, number>) =>
    must(
      await person.api.PATCH("/api/v1/endpoints/{name}/bindings/{id}/scaling", {
        params: { path: { name, id } },
        body: change as never,
      }),
    );
  const unbind = () =>
    person.api.DELETE("/api/v1/endpoints/{name}/bindings/{id}", { params: { path: { name, id } } });
  return { url: `${cluster.stack.gatewayUrl}/${name}`, binding, hasReady, scale, unbind };
}

/** The first machine's and the second one's; a runner that has ended is started again before long. */
function runnerPids() {
  return waitFor("both runners", WITHIN_MS, async (): Promise<[number, number] | null> => {
    const [first, second] = [cluster.stack.pids()["runner"], cluster.second.pid];
    return first && second ? [first, second] : null;
  });
}

/** So many more calls are answered, each rightly. */
async function goesOn(calls: Calls, more: number) {
  const before = calls.answered();
  await waitFor(`${more} more answers`, WITHIN_MS, async () =>
    calls.answered() >= before + more ? true : null,
  );
}

test("replicas on two nodes: runners are killed and restarted under load, and no call fails", async () => {
  const model = await serve("double-many", { min_replicas: 4, max_replicas: 4 });
  const replicas = await model.hasReady(4);
  expect(new Set(replicas.map(({ node }) => node))).toEqual(new Set(["local", "second"]));
  const calls = callSteadily(model.url, 6);
  await goesOn(calls, 50);
  for (const pid of await runnerPids()) {
    signalProcess(pid, "SIGKILL");
    await goesOn(calls, 50);
    await model.hasReady(4);
  }
  signalProcess((await runnerPids())[1], "SIGTERM");
  await goesOn(calls, 50);
  const { answered, faults } = await calls.stop();
  expect(faults).toEqual([]);
  expect(answered).toBeGreaterThan(200);
  const after = await model.hasReady(4);
  expect(after.map(({ session_id }) => session_id)).toEqual(replicas.map(({ session_id }) => session_id));
  await model.unbind();
});

test("a single replica whose runner is killed: the gateway holds the calls, and none fails", async () => {
  const model = await serve("double-one", {});
  await model.hasReady(1);
  const calls = callSteadily(model.url, 4);
  await goesOn(calls, 20);
  for (const pid of await runnerPids()) signalProcess(pid, "SIGKILL");
  await goesOn(calls, 50);
  expect((await calls.stop()).faults).toEqual([]);
  await model.unbind();
});

test("a call that kills the model is given up after two of three replicas, and no other call fails", async () => {
  const model = await serve("double-mortal", { min_replicas: 3, max_replicas: 3 });
  const before = new Set((await model.hasReady(3)).map(({ session_id }) => session_id));
  const calls = callSteadily(model.url, 6);
  await goesOn(calls, 50);
  const deadly = await fetch(model.url, { method: "POST", body: '[{"x": "die"}]' });
  expect([deadly.status, await deadly.text()]).toEqual([503, expect.stringContaining("stopped twice")]);
  await goesOn(calls, 50);
  const { replicas } = await model.binding();
  expect(replicas.some(({ session_id, state }) => state === "ready" && before.has(session_id))).toBe(true);
  await model.hasReady(3);
  expect((await calls.stop()).faults).toEqual([]);
  await model.unbind();
});

test("a model is scaled up by its queue, down without a failed call, to zero, and woken by a call that is held", async () => {
  const model = await serve("double-some", {
    min_replicas: 0,
    max_replicas: 3,
    target_load: 4,
    scale_down_seconds: 3,
    idle_seconds: 4,
  });
  await model.hasReady(1);
  const many = callSteadily(model.url, 40);
  await model.hasReady(3);
  expect((await many.stop()).faults).toEqual([]);

  const few = callSteadily(model.url, 1);
  await model.hasReady(1);
  await waitFor("the others' end", WITHIN_MS, async () =>
    (await model.binding()).replicas.length === 1 ? true : null,
  );
  expect((await few.stop()).faults).toEqual([]);
  await waitFor("its sleep", WITHIN_MS, async () => {
    const { state, replicas } = await model.binding();
    return state === "idle" && replicas.length === 0 ? true : null;
  });

  const headers = { accept: "text/event-stream", prefer: "wait=30" };
  const woken = await fetch(model.url, { method: "POST", body: '[{"x": 21}]', headers });
  const events = (await woken.text()).split("\n\n").filter(Boolean);
  expect(events.length).toBeGreaterThanOrEqual(2);
  expect(events[0]).toStartWith('event: progress\ndata: {"state":"waking"');
  const last = events.at(-1) ?? "";
  if (last.startsWith("event: deferred")) {
    const { location } = JSON.parse(last.slice(last.indexOf("{"))) as { location: string };
    const answer = await waitFor("the job's answer", WITHIN_MS, async () => {
      const response = await fetch(new URL(`${location}/result`, model.url));
      return response.status === 200 ? response.text() : null;
    });
    expect(answer).toBe("[42]");
  } else expect(last).toBe("event: answer\ndata: [42]");
  await model.unbind();
});
