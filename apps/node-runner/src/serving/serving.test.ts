import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { type Assignment, REPLICA_CLOSE } from "@podium/shared";
import { TestGateway } from "../testing/test-gateway.ts";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(30_000);

const TOKEN = "replica-token-of-this-test";
const MODEL = `
import os, time
import podium
factor = 1
def load(path):
    global factor
    factor = int(open(os.path.join(path, "factor")).read())
def infer(rows):
    return [row["x"] * factor for row in rows]
podium.bind(load=load, infer=infer)
print("up")
podium.paused()
`;

let hub: TestHub;
let runner: TestRunner;
let gateway: TestGateway;

beforeEach(async () => {
  hub = new TestHub();
  gateway = new TestGateway(TOKEN);
  runner = await TestRunner.create(hub);
  await runner.start();
});
afterEach(async () => {
  await runner.dispose();
  await gateway.close();
  await hub.close();
  expect(hub.violations).toEqual([]);
});

function serve(overrides: Partial<Assignment> = {}): Assignment {
  return hub.assign(MODEL, {
    session: { id: "ses_0198c0de0198c0de0198c0de0198c0de", name: "ada/movies/3", kind: "serve" },
    checkpoint: { name: "best", tree_id: hub.addTree({ factor: "3" }) },
    serving: {
      binding_id: "bnd_0198c0de0198c0de0198c0de0198c0de",
      replica_token: TOKEN,
      gateways: [gateway.url],
      max_batch: 16,
    },
    ...overrides,
  });
}

const isReady = (attempt: Assignment) => hub.report(attempt.attempt_id)?.replica?.ready === true;

test("requests reach the model in batches and each gets its own answer", async () => {
  const replica = serve();
  await hub.until("the replica is ready", () => isReady(replica));
  expect(hub.report(replica.attempt_id)?.replica?.signature?.inputs.length).toBeGreaterThan(0);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, x) => gateway.call(JSON.stringify({ x }))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.map(({ body }) => JSON.parse(body))).toEqual(answers.map((_, x) => x * 3));
  expect(gateway.hellos[0]).toMatchObject({ attempt_id: replica.attempt_id, epoch: 1 });
  expect(Math.max(...gateway.batchSizes)).toBe(16);
});

test("a bad request fails alone", async () => {
  const replica = serve();
  await hub.until("the replica is ready", () => isReady(replica));
  const [good, bad, broken] = await Promise.all([
    gateway.call('{"x":1}'),
    gateway.call("{"),
    gateway.call('{"y":1}'),
  ]);
  expect([good?.status, bad?.status, broken?.status]).toEqual([200, 400, 422]);
});

test("a gateway that was restarted is dialled again", async () => {
  const replica = serve();
  await hub.until("the replica is ready", () => isReady(replica));
  expect((await gateway.call('{"x":1}')).body).toBe("3");
  gateway.breakConnections();
  expect((await gateway.call('{"x":2}')).body).toBe("6");
});

test("a gateway that is added gets a replica; one that is taken away is left", async () => {
  const replica = serve();
  const second = new TestGateway(TOKEN);
  try {
    await hub.until("the replica is ready", () => isReady(replica));
    const serving = { ...replica.serving, gateways: [second.url] } as Assignment["serving"];
    hub.change(replica, { serving });
    expect((await second.call('{"x":5}')).body).toBe("15");
    await hub.until("the first is left", () => gateway.replicas === 0);
  } finally {
    await second.close();
  }
});

test("the runner is killed and restarted: the model stays loaded and serves again", async () => {
  const replica = serve();
  await hub.until("the replica is ready", () => isReady(replica));
  await runner.kill();
  await runner.start();
  expect((await gateway.call('{"x":7}')).body).toBe("21");
  hub.change(replica, { desired: "stop" });
  await hub.ended(replica);
  expect(hub.log(replica.attempt_id).filter((line) => line === "up")).toHaveLength(1);
});

test("a replica that is told to stop answers what it has, leaves its gateways and ends", async () => {
  const replica = serve();
  await hub.until("the replica is ready", () => isReady(replica));
  const answers = Array.from({ length: 20 }, (_, x) => gateway.call(JSON.stringify({ x })));
  await Promise.race(answers);
  hub.change(replica, { desired: "stop" });
  expect(await hub.ended(replica)).toMatchObject({ failure: null });
  await hub.until("it has left the gateway", () => gateway.replicas === 0);
  expect(gateway.closeCodes).toEqual([REPLICA_CLOSE.leaves]);
});

const MORTAL = `
import os
import podium
def infer(rows):
    os._exit(3)
podium.bind(infer=infer)
podium.paused()
`;

test("gateways are told that a model died of what it computed", async () => {
  const mortal = serve({ code_tree: hub.addTree({ "main.py": MORTAL }), checkpoint: null });
  await hub.until("the replica is ready", () => isReady(mortal));
  void gateway.call("1");
  await hub.ended(mortal);
  await hub.until("it has left the gateway", () => gateway.closeCodes.length === 1);
  expect(gateway.closeCodes).toEqual([REPLICA_CLOSE.modelDied]);
});

test("a model that is stopped without grace while it computes did not die of it", async () => {
  const busy = serve({ code_tree: hub.addTree({ "main.py": SLEEPER }), checkpoint: null });
  await hub.until("the replica is ready", () => isReady(busy));
  void gateway.call('{"seconds":600}');
  await hub.until("it is computing", () => hub.log(busy.attempt_id).length === 1);
  hub.change(busy, { desired: "stop", grace_ms: 0 });
  await hub.ended(busy);
  await hub.until("it has left the gateway", () => gateway.closeCodes.length === 1);
  expect(gateway.closeCodes).toEqual([REPLICA_CLOSE.leaves]);
});

test("a model that can't be loaded ends the attempt with the script's error", async () => {
  const replica = serve({ checkpoint: { name: "best", tree_id: hub.addTree({ factor: "three" }) } });
  const { failure } = await hub.ended(replica);
  expect(failure).toMatchObject({ code: "user_error" });
  expect(failure?.message).toContain("three");
});

const SLEEPER = `
import signal, time
import podium
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
def infer(rows):
    print(rows, flush=True)
    for row in rows:
        time.sleep(row["seconds"])
    return rows
podium.bind(infer=infer)
podium.paused()
`;

test("what is cancelled while it waits behind another batch is not computed", async () => {
  const replica = serve({ code_tree: hub.addTree({ "main.py": SLEEPER }), checkpoint: null });
  await hub.until("the replica is ready", () => isReady(replica));
  const first = gateway.call('{"seconds":1}');
  await hub.until("it is computing", () => hub.log(replica.attempt_id).length === 1);
  const gone = gateway.call('{"seconds":0.5}');
  await hub.until("it is at the replica", () => gateway.batchSizes.length === 2);
  gateway.cancel(0);
  expect([(await first).status, (await gone).status]).toEqual([200, 499]);
  expect((await gateway.call('{"seconds":0}')).status).toBe(200);
  await hub.until("its log is here", () => hub.log(replica.attempt_id).length > 1);
  expect(hub.log(replica.attempt_id).join()).not.toContain("0.5");
});

test("a model that hangs where it can't be interrupted is ended, its team is told why, and gateways see no more of it", async () => {
  gateway.timeMs = 100;
  const replica = serve({ code_tree: hub.addTree({ "main.py": SLEEPER }), checkpoint: null });
  await hub.until("the replica is ready", () => isReady(replica));
  void gateway.call('{"seconds":600}');
  const { failure } = await hub.ended(replica);
  expect(failure).toMatchObject({
    code: "user_error",
    message: expect.stringContaining("did not come back"),
  });
  await hub.until("it has left the gateway", () => gateway.closeCodes.length > 0);
  // The hub goes on naming its gateways; once another replica is there, the runner has heard so.
  hub.change(replica, { notice: "once more" });
  const next = serve();
  await hub.until("the next one is ready", () => isReady(next));
  const dialled = gateway.hellos.map(({ attempt_id }) => attempt_id);
  expect(dialled).toEqual([replica.attempt_id, next.attempt_id]);
  expect(gateway.closeCodes).toEqual([REPLICA_CLOSE.modelDied]);
});
