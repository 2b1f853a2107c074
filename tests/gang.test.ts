import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunPath, rootDir } from "../scripts/setup/paths.mjs";
import { processesMarked } from "../scripts/stack/process-table.ts";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, logIn, logOf, must, type Person, run, signUp, waitFor } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

/** The members meet at rank 0's port; then each does what its argument says. */
const MEETS = `
import os, socket, sys, time
import nsml
rank = nsml.MY_RANK
world = list(zip(nsml.PARALLEL_WORLD, nsml.PARALLEL_PORTS))
assert os.environ["RANK"] == str(rank) and os.environ["WORLD_SIZE"] == str(len(world)) == "2"
assert world[0] == (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
print("attempt", os.environ["PODIUM_ATTEMPT"], flush=True)
def dial():
    for _ in range(300):
        try:
            return socket.create_connection(world[0])
        except OSError:
            time.sleep(0.1)
    raise SystemExit("rank 0 can't be reached")
if rank == 0:
    with socket.create_server(world[0]) as server:
        peer = server.accept()[0]
else:
    peer = dial()
peer.sendall(f"greetings of {rank}".encode())
print("heard", peer.recv(100).decode(), flush=True)
while sys.argv[1:] == ["stay"]:
    time.sleep(0.1)
`;
/**
 * The members count in step: who is ahead waits for the other, as in training that adds up gradients. Only rank 0 saves,
 * between two steps; all go on from what it saved.
 */
const COUNTS = `
import json, os, socket, time
import podium
rank = int(os.environ["RANK"])
first = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
state = {"n": 0}
def save(path):
    json.dump(state, open(os.path.join(path, "state.json"), "w"))
def load(path):
    state.update(json.load(open(os.path.join(path, "state.json"))))
podium.bind(save=save if rank == 0 else None, load=load)
podium.paused()
print("attempt", os.environ["PODIUM_ATTEMPT"], "from", state["n"], flush=True)
def dial():
    for _ in range(300):
        try:
            return socket.create_connection(first)
        except OSError:
            time.sleep(0.1)
    raise SystemExit("rank 0 can't be reached")
peer = socket.create_server(first).accept()[0] if rank == 0 else dial()
# Only the second placement comes to an end.
goal = state["n"] + 5 if state["n"] > 0 else 100_000
while state["n"] < goal:
    time.sleep(0.3)
    peer.sendall(b".")
    if not peer.recv(1):
        raise SystemExit("the other is gone in the middle of a step")
    state["n"] += 1
    podium.report(step=state["n"], n=state["n"])
    if state["n"] == 1:
        print("counts", flush=True)
`;
const NODES = { first: "127.0.0.1", second: "127.0.0.2", third: "127.0.0.3" };
/** Room for one member on each node. */
const ONE = { cpu_milli: 800, memory_bytes: 256 * 1024 ** 2 };

const folder = mkdtempSync(join(tmpdir(), "podium-gang-"));
chmodSync(folder, 0o711);
let stack: Stack;
let person: Person;
let second: ReturnType<typeof startNode>;

const gangSettings = (address: string) => ({
  PODIUM_CPU_MILLI: "1000",
  PODIUM_GANG_ADDRESS: address,
  PODIUM_GANG_NETWORK: "host",
  PODIUM_GANG_PORTS: "29500-29599",
});

/** Another node, on a folder of its own. */
function startNode(name: "second" | "third") {
  return Bun.spawn([bunPath(), join(rootDir, "apps/node-runner/src/main.ts")], {
    env: {
      PATH: Bun.env["PATH"] ?? "",
      HUB_URL: stack.hubUrl,
      PODIUM_JOIN_TOKEN: stack.joinToken,
      PODIUM_NODE_NAME: name,
      PODIUM_RUNNER_DATA: join(folder, name),
      PODIUM_EXECUTOR: "process",
      PODIUM_EXIT_WITH_PARENT: "1",
      ...gangSettings(NODES[name]),
    },
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
  });
}

beforeAll(async () => {
  const env = { PODIUM_NODE_NAME: "first", PODIUM_EXECUTOR: "process", PODIUM_LEASE_MS: "10000" };
  stack = await startStack({
    dataDir: join(folder, "data"),
    fresh: true,
    env: { ...env, ...gangSettings(NODES.first) },
    processes: ["hub", "runner"],
  });
  person = await signUp(stack.hubUrl);
  second = startNode("second");
  await nodesThere(2);
}, 90_000);

async function nodesThere(count: number): Promise<void> {
  const admin = await logIn(stack.hubUrl, stack.admin);
  await waitFor(`${count} nodes that take gangs`, 30_000, async () => {
    const { items } = must(await admin.api.GET("/api/v1/nodes"));
    return items.filter((node) => node.state === "ready" && node.capacity?.gangs).length === count || null;
  });
}

afterAll(async () => {
  second?.kill("SIGTERM");
  await second?.exited;
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const gang = (...args: string[]) => run(person, stack.hubUrl, MEETS, { nodes: 2, resources: ONE, args });

async function linesOf(id: string) {
  const params = { path: { id } };
  return must(await person.api.GET("/api/v1/sessions/{id}/logs", { params })).items;
}

/** The members of a gang that stays, once they have met: the attempt of each, by rank. */
async function met(id: string, placement = 1): Promise<string[]> {
  return waitFor("the members' meeting", 90_000, async () => {
    const lines = await linesOf(id);
    if (lines.filter(({ text }) => text.startsWith("heard")).length < 2 * placement) return null;
    return [0, 1].map(
      (rank) =>
        lines.findLast((line) => line.rank === rank && line.text.startsWith("attempt"))?.text.slice(8) ?? "",
    );
  });
}

test("members on two nodes reach each other, see their ranks, and succeed as one; the log says who said what", async () => {
  const session = await gang();
  expect(session).toMatchObject({ nodes: 2, state: "queued" });
  const end = await ended(person, session.id);
  expect(end).toMatchObject({ state: "succeeded", failure: null });
  expect(end.members.map(({ rank, state }) => [rank, state])).toEqual([
    [0, "ended"],
    [1, "ended"],
  ]);
  expect(end.members.map(({ node }) => node).sort()).toEqual(["first", "second"]);
  const shown = podium(["logs", session.name], { url: stack.hubUrl, token: person.token, home: folder });
  expect((await shown.done).output).toContain("[1] heard greetings of 0");
  const heard = (await linesOf(session.id)).filter(({ text }) => text.startsWith("heard"));
  expect(heard.map(({ rank, text }) => `[${rank}] ${text}`).sort()).toEqual([
    "[0] heard greetings of 1",
    "[1] heard greetings of 0",
  ]);
}, 90_000);

test("one that is killed takes the other with it: the session fails as one, and nothing of it is left", async () => {
  const { id } = await gang("stay");
  const attempts = await met(id);
  const victims = processesMarked(`PODIUM_ATTEMPT=${attempts[1]}`);
  expect(victims.length).toBeGreaterThan(0);
  for (const pid of victims) process.kill(pid, "SIGKILL");
  const end = await ended(person, id);
  expect(end).toMatchObject({ state: "failed", failure: { code: "user_error" } });
  expect(end.failure?.message).toStartWith("Member 1:");
  for (const attempt of attempts) expect(processesMarked(`PODIUM_ATTEMPT=${attempt}`)).toEqual([]);
  expect((await logOf(person, id)).join("\n")).toContain("member 1 of its gang is gone");
}, 120_000);

test("a node that is lost: the gang starts anew as one once there is room for all of it, and stops as one", async () => {
  const { id } = await gang("stay");
  const [lost] = (await met(id)).slice(1);
  second.kill("SIGKILL");
  await second.exited;
  const params = { path: { id } };
  await waitFor("the gang to be queued again", 120_000, async () => {
    const { state } = must(await person.api.GET("/api/v1/sessions/{id}", { params }));
    return state === "queued" || state === "retrying" || null;
  });
  second = startNode("second");
  await met(id, 2);
  expect(processesMarked(`PODIUM_ATTEMPT=${lost}`)).toEqual([]);
  expect(must(await person.api.GET("/api/v1/sessions/{id}", { params }))).toMatchObject({ attempt: 2 });
  must(await person.api.POST("/api/v1/sessions/{id}/stop", { params }));
  const end = await ended(person, id);
  expect(end).toMatchObject({ state: "stopped", failure: null });
  expect(end.members.map(({ state }) => state)).toEqual(["ended", "ended"]);
}, 240_000);

test("one that is moved off a node saves, is queued, and goes on elsewhere as one from where it was", async () => {
  // Made before the third node is there, so that it begins on the other two.
  const { id, name } = await run(person, stack.hubUrl, COUNTS, { nodes: 2, resources: ONE });
  const params = { path: { id } };
  const show = async () => must(await person.api.GET("/api/v1/sessions/{id}", { params }));
  const begun = async (placement: number) =>
    waitFor(`placement ${placement}`, 90_000, async () => {
      const all = (await linesOf(id)).filter(({ text }) => text.startsWith("attempt"));
      return all.length === 2 * placement ? all.slice(-2) : null;
    });
  const before = await begun(1);
  const third = startNode("third");
  try {
    await nodesThere(3);
    await waitFor("a first step of both", 30_000, async () => {
      const counts = (await linesOf(id)).filter(({ text }) => text === "counts");
      return counts.length === 2 || null;
    });
    const moved = podium(["migrate", name, "--from", "second"], {
      url: stack.hubUrl,
      token: person.token,
      home: folder,
    });
    expect(await moved.done).toMatchObject({ code: 0 });

    const after = await begun(2);
    expect(after.map(({ rank }) => rank).sort()).toEqual([0, 1]);
    const froms = after.map(({ text }) => Number(text.split(" ").at(-1)));
    expect(froms[0]).toBeGreaterThan(0);
    expect(froms[1]).toBe(froms[0] ?? 0);
    const { members, attempt, checkpoint } = await show();
    expect(members.map(({ node }) => node).sort()).toEqual(["first", "third"]);
    expect({ attempt, checkpoint }).toMatchObject({ attempt: 2, checkpoint: "preempted" });
    for (const { text } of before)
      expect(processesMarked(`PODIUM_ATTEMPT=${text.split(" ")[1]}`)).toEqual([]);
    // Rank 0 had the other beside it until it had saved.
    const saved = (await linesOf(id)).filter(
      ({ rank, text }) => rank === 0 && text.includes("the other is gone"),
    );
    expect(saved).toEqual([]);

    const end = await ended(person, id);
    expect(end).toMatchObject({ state: "succeeded", failure: null });
    expect(end.members.map(({ state }) => state)).toEqual(["ended", "ended"]);
  } finally {
    third.kill("SIGTERM");
    await third.exited;
  }
}, 240_000);
