import { expect, test } from "bun:test";
import { metric, startTestBed, until } from "../testing/test-gateway.ts";
import { startTestReplica } from "../testing/test-replica.ts";
import { KEY, testTable } from "../testing/test-table.ts";

const never = () => new Promise<void>(() => {});

test("a caller that leaves while its batch is out is taken out of it; the others are answered", async () => {
  await using bed = await startTestBed();
  const release = Promise.withResolvers<void>();
  const replica = await bed.replica({ pullsAlways: false, onBatch: () => release.promise });
  const stays = [bed.post("/model-1", "1"), bed.post("/model-1", "2")];
  await until(async () => (await metric(bed.gateway.url, /^podium_gateway_queue_depth/)) === 2);
  const leaving = new AbortController();
  const { signal } = leaving;
  const request = { method: "POST", headers: { "x-api-key": KEY }, body: "3", signal };
  const leaves = fetch(`${bed.gateway.url}/model-1`, request).catch(() => null);
  await until(async () => (await metric(bed.gateway.url, /^podium_gateway_queue_depth/)) === 3);
  replica.pull();
  await until(() => replica.batches.length === 1);
  leaving.abort();
  expect(await leaves).toBeNull();

  await until(() => replica.cancelledItems.length > 0);
  expect(replica.cancelledItems).toEqual([{ batch: 1, items: [2] }]);
  release.resolve();
  expect(await Promise.all((await Promise.all(stays)).map((answer) => answer.text()))).toEqual(["1", "2"]);
  expect(await metric(bed.gateway.url, /requests_total.*status="499"/)).toBe(1);
});

test("a caller whose time is up is taken out of its batch, too", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 200 }));
  const replica = await bed.replica({ onBatch: never });
  expect((await bed.post("/model-1", "1")).status).toBe(504);
  await until(() => replica.cancelledItems.length > 0);
  expect(replica.cancelledItems).toEqual([{ batch: 1, items: [0] }]);
});

test("a request that kills its replicas takes no other down with it: those are tried again alone", async () => {
  await using bed = await startTestBed();
  const doomed = [];
  for (const attempt of [1, 2, 3]) {
    const replica = await startTestReplica({
      url: bed.gateway.url,
      attempt,
      pullsAlways: false,
      onBatch: never,
    });
    doomed.push(replica);
  }
  const bodies = ["1", "2", '"poison"', "4", "5", "6"];
  const answers: Promise<Response>[] = [];
  for (const [index, body] of bodies.entries()) {
    answers.push(bed.post("/model-1", body));
    await until(async () => (await metric(bed.gateway.url, /^podium_gateway_queue_depth/)) === index + 1);
  }
  const [first, ...others] = doomed;
  first?.pull();
  await until(() => first?.batches.length === 1);
  first?.die();
  for (const other of others) other.die();
  // Its like follow: each dies of the poison, and of nothing else.
  let attempt = 10;
  let answered = 0;
  for (const answer of answers) void answer.then(() => (answered += 1));
  const isPoison = (body: Uint8Array) => Buffer.from(body).toString() === '"poison"';
  while (answered < bodies.length) {
    attempt += 1;
    const replica = await startTestReplica({
      url: bed.gateway.url,
      attempt,
      infer: (body) => {
        if (!isPoison(body)) return { status: 200, body };
        replica.die();
        return { status: 200, body: "" };
      },
    });
    await Promise.race([replica.closed, until(() => answered === bodies.length)]);
    expect(attempt).toBeLessThan(14);
  }
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 503, 200, 200, 200]);
});
