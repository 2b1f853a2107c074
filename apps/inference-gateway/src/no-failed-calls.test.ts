import { expect, setDefaultTimeout, test } from "bun:test";
import { sha256 } from "./hash.ts";
import { type SpawnedGateway, spawnGateway } from "./testing/spawn-gateway.ts";
import { startSteadyCalls } from "./testing/steady-calls.ts";
import { startTestBed, testFolder, until } from "./testing/test-gateway.ts";
import { startTestHub } from "./testing/test-hub.ts";
import { startTestReplica, type TestReplicaOptions } from "./testing/test-replica.ts";
import { testBinding, testTable } from "./testing/test-table.ts";

setDefaultTimeout(60_000);

const TWO = "prt_two";
const COMPUTES_MS = 20;
const slowly = () => Bun.sleep(COMPUTES_MS);
const answering = (body: string) => () => ({ status: 200, body });
const second: Partial<TestReplicaOptions> = {
  binding: 2,
  attempt: 2,
  token: TWO,
  infer: answering("2"),
  onBatch: slowly,
};

test("while a version is replaced and taken off, and comes back, every call is answered with 200", async () => {
  const one = testBinding(1);
  const two = testBinding(2, { replica_sha256: [sha256(TWO)], weight: 0 });
  await using bed = await startTestBed(testTable({ bindings: [one] }));
  const bind = (...bindings: (typeof one)[]) =>
    bed.hub.publish((table) => {
      if (table.endpoints[0]) table.endpoints[0].bindings = bindings;
    });
  const first = () => bed.replica({ infer: answering("1"), onBatch: slowly, maxItems: 4 });
  const old = await first();
  const calls = startSteadyCalls(() => bed.gateway.url);
  await calls.more(100);

  bind(one, two);
  await bed.replica(second);
  bind({ ...one, weight: 50 }, { ...two, weight: 50 });
  await calls.more(100);
  bind({ ...two, weight: 100 });
  // Taken off: it ends what it has, and is let go.
  expect(await old.closed).toBe(1000);
  expect(old.drained).toBe(true);
  await calls.more(100);
  bind(one, { ...two, weight: 100 });
  await first();
  bind({ ...one, weight: 100 });
  await calls.more(100);
  await calls.stop();

  expect([...calls.answers]).toEqual([["200", calls.bodies.length]]);
  expect(calls.bodies[0]).toBe("1");
  expect(calls.bodies).toContain("2");
  expect(calls.bodies.at(-1)).toBe("1");
});

test("a replica that is killed while it computes costs no call: what it held goes to another", async () => {
  await using bed = await startTestBed(testTable());
  const held = await bed.replica({ onBatch: () => new Promise(() => {}) });
  const calls = startSteadyCalls(() => bed.gateway.url);
  await until(() => held.batches.length > 0);
  await bed.replica({ attempt: 2 });
  held.kill();
  await calls.more(100);
  await calls.stop();
  expect([...calls.answers.keys()]).toEqual(["200"]);
});

/** What stands before gateways: it asks each, often, whether it is ready, and sends calls to one that said so last. */
function startBalancer(urls: string[]) {
  const ready = new Map<string, boolean>();
  let last = 0;
  const look = async (url: string) => {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    ready.set(url, answer?.ok ?? false);
    await answer?.text();
  };
  const timer = setInterval(() => void urls.map(look), 50);
  return {
    pick: () => {
      const up = urls.filter((url) => ready.get(url) !== false);
      last += 1;
      return up[last % up.length] ?? urls[0] ?? "";
    },
    isReady: (url: string) => ready.get(url) === true,
    stop: () => clearInterval(timer),
  };
}

test("gateways that are restarted one after the other, beside one another, fail no call", async () => {
  const hub = startTestHub(testTable());
  const folders = [await testFolder(), await testFolder()];
  const env = { PODIUM_GATEWAY_DRAIN_MS: "1000", PODIUM_GATEWAY_WARM_MS: "10000" };
  const start = (index: number, port = "0") =>
    spawnGateway(hub.url, folders[index]?.path ?? "", { ...env, PODIUM_GATEWAY_PORT: port }, false);
  const gateways = [await start(0), await start(1)];
  const urls = gateways.map(({ url }) => url);
  const dial = (url: string) => startTestReplica({ url, onBatch: slowly });
  const replicas = await Promise.all(urls.map(dial));
  await until(async () =>
    (await Promise.all(urls.map((url) => fetch(`${url}/readyz`)))).every(({ ok }) => ok),
  );
  const balancer = startBalancer(urls);
  const calls = startSteadyCalls(balancer.pick);
  await calls.more(100);

  for (const [index, url] of urls.entries()) {
    const leaving = gateways[index] as SpawnedGateway;
    leaving.kill("SIGTERM");
    await until(() => !balancer.isReady(url));
    await calls.more(50);
    expect(await leaving.exited).toBe(0);
    expect(await replicas[index]?.closed).toBe(1001);
    gateways[index] = await start(index, new URL(url).port);
    // It knows its routes, but nobody has dialled it: callers go elsewhere until somebody has.
    await Bun.sleep(200);
    expect(balancer.isReady(url)).toBe(false);
    await dial(url);
    await until(() => balancer.isReady(url));
    await calls.more(50);
  }
  await calls.stop();
  balancer.stop();
  expect([...calls.answers]).toEqual([["200", calls.bodies.length]]);
  for (const gateway of gateways) gateway.kill("SIGKILL");
  await hub.stop();
  for (const folder of folders) await folder.remove();
});

test("a gateway that is asked to stop says so, answers on for its grace, and each answer ends its connection", async () => {
  const hub = startTestHub(testTable());
  const folder = await testFolder();
  const gateway = await spawnGateway(hub.url, folder.path, { PODIUM_GATEWAY_DRAIN_MS: "60000" });
  await startTestReplica({ url: gateway.url });
  const calls = startSteadyCalls(() => gateway.url);
  await calls.more(20);
  gateway.kill("SIGTERM");
  await until(async () => (await fetch(`${gateway.url}/readyz`)).status === 503);
  await calls.more(50);
  const answer = await fetch(`${gateway.url}/readyz`);
  expect(answer.headers.get("connection")).toBe("close");
  await calls.stop();
  expect([...calls.answers.keys()]).toEqual(["200"]);
  // Asked again, it does not wait any longer.
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  await hub.stop();
  await folder.remove();
});
