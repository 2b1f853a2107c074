import { expect, test } from "bun:test";
import { encodeFrame } from "@podium/shared";
import { sha256 } from "../hash.ts";
import { metric, startTestBed, until } from "../testing/test-gateway.ts";
import { startTestReplica, type TestReplica } from "../testing/test-replica.ts";
import { PAIRS, REPLICA_TOKEN, testBinding, testId, testTable } from "../testing/test-table.ts";

const never = () => new Promise<void>(() => {});

test("a replica killed in the middle of a batch: another one answers its callers, in order", async () => {
  await using bed = await startTestBed();
  const doomed = await bed.replica({ attempt: 1, onBatch: never });
  const answers = ["[1]", "[2]", "[3]"].map((body) => bed.post("/model-1", body));
  await until(() => doomed.batches.reduce((sum, batch) => sum + batch.items.length, 0) > 0);

  doomed.kill();
  await bed.replica({ attempt: 2 });

  const responses = await Promise.all(answers);
  expect(responses.map((response) => response.status)).toEqual([200, 200, 200]);
  expect(await Promise.all(responses.map((response) => response.text()))).toEqual(["[1]", "[2]", "[3]"]);
});

test("a call that two models died of is answered 503 and is not given to a third", async () => {
  await using bed = await startTestBed();
  const answer = bed.post("/model-1", "[1]");
  for (const attempt of [1, 2]) {
    const doomed = await startTestReplica({ url: bed.gateway.url, attempt, onBatch: never });
    await until(() => doomed.batches.length === 1);
    doomed.die();
  }
  const third = await bed.replica({ attempt: 3 });

  const response = await answer;
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    code: "unavailable",
    detail: expect.stringContaining("twice"),
  });
  expect(third.batches).toEqual([]);
});

test("a machine that goes away with all its replicas counts once for a call that one of them had", async () => {
  await using bed = await startTestBed();
  const siblings: TestReplica[] = [];
  for (const attempt of [1, 2, 3, 4, 5, 6]) siblings.push(await bed.replica({ attempt, onBatch: never }));
  const answer = bed.post("/model-1", "[1]");
  await until(() => siblings.some(({ batches }) => batches.length === 1));

  siblings.sort((a, b) => b.batches.length - a.batches.length);
  for (const sibling of siblings) {
    sibling.kill();
    await Bun.sleep(1);
  }
  await bed.replica({ attempt: 7 });

  expect(await (await answer).text()).toBe("[1]");
  expect(siblings.flatMap(({ batches }) => batches)).toHaveLength(1);
});

test("runners may go away under a call three times, as in a restart of all; then it is given up", async () => {
  await using bed = await startTestBed();
  const answer = bed.post("/model-1", "[1]");
  for (const attempt of [1, 2, 3, 4]) {
    const doomed = await startTestReplica({ url: bed.gateway.url, attempt, onBatch: never });
    await until(() => doomed.batches.length === 1);
    doomed.kill();
  }
  const fifth = await bed.replica({ attempt: 5 });

  const response = await answer;
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining("broke 4 times") });
  expect(fifth.batches).toEqual([]);
});

test("a runner that dials again replaces its old connection, whose batch is not lost", async () => {
  await using bed = await startTestBed();
  const old = await bed.replica({ attempt: 7, onBatch: never });
  const answer = bed.post("/model-1", "[1]");
  await until(() => old.batches.length === 1);

  await startTestReplica({ url: bed.gateway.url, attempt: 7 });

  expect(await old.closed).toBe(1000);
  expect(await (await answer).text()).toBe("[1]");
});

test("only a token of the table may dial; a new one is looked up at the hub at once", async () => {
  await using bed = await startTestBed();
  const dial = (headers: Record<string, string>) => fetch(`${bed.gateway.url}/replicas`, { headers });
  expect((await dial({})).status).toBe(401);
  expect((await dial({ authorization: "Bearer prt_unknown" })).status).toBe(401);
  expect((await dial({ authorization: `Bearer ${REPLICA_TOKEN}` })).status).toBe(426);

  // The hub knows it, but this gateway has not been told: its long poll gets no answer in this test.
  await Bun.sleep(1_000);
  bed.hub.table = testTable({ bindings: [testBinding(1, { replica_sha256: [sha256("prt_new")] })] });
  bed.hub.table.version = 2;
  await startTestReplica({ url: bed.gateway.url, token: "prt_new" });
  expect(await (await bed.post("/model-1", "[1]")).text()).toBe("[1]");
});

test("a replica that is no longer listed drains: it answers what it has, gets nothing new, and is let go", async () => {
  await using bed = await startTestBed();
  const release = Promise.withResolvers<void>();
  const replica = await bed.replica({ onBatch: () => release.promise });
  const answer = bed.post("/model-1", "[1]");
  await until(() => replica.batches.length === 1);

  bed.hub.publish((table) => {
    table.endpoints[0]?.bindings[0]?.replica_sha256.pop();
  });
  await until(() => replica.drained);
  const later = bed.post("/model-1", "[2]");
  release.resolve();

  expect(await (await answer).text()).toBe("[1]");
  expect(await replica.closed).toBe(1000);
  expect(replica.batches).toHaveLength(1);
  bed.hub.publish((table) => {
    table.endpoints[0]?.bindings[0]?.replica_sha256.push(sha256(REPLICA_TOKEN));
  });
  await until(async () => {
    await startTestReplica({ url: bed.gateway.url, attempt: 2 }).catch(() => null);
    return (await metric(bed.gateway.url, /^podium_gateway_replicas/)) === 1;
  });
  expect(await (await later).text()).toBe("[2]");
});

const hello = encodeFrame({
  type: "hello",
  binding_id: testId("bnd", 1),
  attempt_id: testId("att", 1),
  epoch: 1,
  signature: PAIRS,
});
const broken: [string, Uint8Array][] = [
  ["a second hello", hello],
  ["bytes that are no frame", new Uint8Array([1, 2, 3])],
  ["an unknown type", encodeFrame({ type: "sing" })],
  ["a pull of nothing", encodeFrame({ type: "pull", max_items: 0 })],
  ["a result for a batch that is not out", encodeFrame({ type: "result", batch: 9, items: [] })],
  [
    "a result longer than its tail",
    encodeFrame({ type: "result", batch: 1, items: [{ status: 200, length: 5 }] }),
  ],
  ["a header that is null", encodeFrame(null)],
];
for (const [what, bytes] of broken) {
  test(`${what} ends the replica's connection, and its callers are served by another`, async () => {
    await using bed = await startTestBed();
    const replica = await bed.replica({ attempt: 1, onBatch: never });
    const answer = bed.post("/model-1", "[1]");
    await until(() => replica.batches.length === 1);

    replica.send(bytes);

    expect(await replica.closed).toBe(1002);
    await bed.replica({ attempt: 2 });
    expect(await (await answer).text()).toBe("[1]");
  });
}

test("a result with too few items is a broken protocol: nobody gets another one's answer", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica({ attempt: 1, pullsAlways: false, onBatch: never });
  const answers = ["[1]", "[2]"].map((body) => bed.post("/model-1", body));
  await until(async () => (await metric(bed.gateway.url, /^podium_gateway_queue_depth/)) === 2);
  replica.pull();
  await until(() => replica.batches.length === 1);

  replica.send(
    encodeFrame({ type: "result", batch: 1, items: [{ status: 200, length: 3 }] }, [Buffer.from("[9]")]),
  );

  expect(await replica.closed).toBe(1002);
  await bed.replica({ attempt: 2 });
  expect(await Promise.all((await Promise.all(answers)).map((response) => response.text()))).toEqual([
    "[1]",
    "[2]",
  ]);
});

test("a replica that asks again and again without an end is cut off", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica();
  for (let pulls = 0; pulls < 100; pulls += 1) replica.pull();
  expect(await replica.closed).toBe(1002);
});

test.each([true, false])(
  "large bodies come back whole and each to its caller (in several messages: %p)",
  async (joins) => {
    await using bed = await startTestBed();
    const replica = await bed.replica({ joins });
    const bodies = [1, 2, 3, 4].map((digit) => `[${String(digit).repeat(digit * 200_000)}]`);
    const responses = await Promise.all(bodies.map((body) => bed.post("/model-1", body)));
    const answers = await Promise.all(responses.map((response) => response.text()));
    expect(answers.map((answer) => Bun.hash(answer))).toEqual(bodies.map((body) => Bun.hash(body)));
    expect(replica.messages > replica.batches.length).toBe(joins);
  },
);

test("a replica that dies in the middle of a long frame: another one answers its callers", async () => {
  await using bed = await startTestBed();
  const body = `[${"7".repeat(900_000)}]`;
  const doomed = await bed.replica({ attempt: 1, joins: true, onBatch: never });
  const answers = Array.from({ length: 8 }, () => bed.post("/model-1", body));
  await until(() => doomed.messages > 1);
  doomed.kill();
  await bed.replica({ attempt: 2, joins: true });
  const texts = await Promise.all((await Promise.all(answers)).map((response) => response.text()));
  expect(new Set(texts)).toEqual(new Set([body]));
});

test("a token of one binding can't be used for another", async () => {
  await using bed = await startTestBed();
  const replica = await startTestReplica({ url: bed.gateway.url, binding: 2 });
  expect(await replica.closed).toBe(1008);
});
