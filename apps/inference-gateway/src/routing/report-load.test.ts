import { expect, test } from "bun:test";
import { startTestBed, until } from "../testing/test-gateway.ts";
import { testId } from "../testing/test-table.ts";

test("the hub learns what waits, what replicas have, and which are connected under which table", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica({ pullsAlways: false, maxItems: 1, attempt: 7 });
  const answers = [bed.post("/model-1", "[1]"), bed.post("/model-1", "[2]"), bed.post("/model-1", "[3]")];
  await until(() => (bed.hub.loads.at(-1)?.bindings[0]?.queued ?? 0) > 2.5);
  replica.pull();
  await until(() => replica.batches.length === 1);
  replica.pull();
  replica.pull();
  for (const answer of answers) expect((await answer).status).toBe(200);
  await until(() => bed.hub.loads.at(-1)?.bindings.length === 0);
  expect(bed.hub.loads.at(-1)).toMatchObject({
    version: 1,
    replicas: [{ attempt_id: testId("att", 7), in_flight: 0 }],
  });
}, 20_000);

test("what a replica has not answered yet is in flight, also while it drains", async () => {
  await using bed = await startTestBed();
  const release = Promise.withResolvers<void>();
  const replica = await bed.replica({ onBatch: () => release.promise });
  const answer = bed.post("/model-1", "[1]");
  await until(() => (bed.hub.loads.at(-1)?.bindings[0]?.in_flight ?? 0) > 0.9);
  bed.hub.publish((table) => {
    const binding = table.endpoints[0]?.bindings[0];
    if (binding) binding.replica_sha256 = [];
  });
  await until(() => replica.drained);
  await until(() => bed.hub.loads.at(-1)?.version === 2);
  expect(bed.hub.loads.at(-1)?.replicas).toEqual([{ attempt_id: testId("att", 1), in_flight: 1 }]);
  release.resolve();
  expect(await (await answer).text()).toBe("[1]");
  await until(() => bed.hub.loads.at(-1)?.replicas.length === 0);
}, 20_000);

test("a replica that takes its leave while it holds a call is not held against the call, however often", async () => {
  await using bed = await startTestBed();
  const answer = bed.post("/model-1", "[9]");
  for (const attempt of [1, 2, 3]) {
    const replica = await bed.replica({ attempt, onBatch: () => Promise.withResolvers<void>().promise });
    await until(() => replica.batches.length === 1);
    replica.leave();
    await replica.closed;
  }
  await bed.replica({ attempt: 4 });
  expect(await (await answer).text()).toBe("[9]");
}, 20_000);
