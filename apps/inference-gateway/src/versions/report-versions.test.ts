import { expect, test } from "bun:test";
import { ERROR_STATUS } from "@podium/shared";
import { spawnGateway } from "../testing/spawn-gateway.ts";
import { startTestBed, testFolder, until } from "../testing/test-gateway.ts";
import { startTestHub } from "../testing/test-hub.ts";
import { startTestReplica } from "../testing/test-replica.ts";
import { KEY, testId, testTable } from "../testing/test-table.ts";

const BINDING = testId("bnd", 1);

test("failures of the model are told apart from callers' faults, which say nothing of a version", async () => {
  await using bed = await startTestBed();
  const statuses: Record<string, number> = { "[2]": 422, "[3]": 500, "[4]": 400 };
  await bed.replica({
    infer: (body) => {
      const status = statuses[Buffer.from(body).toString()] ?? 200;
      return { status, body: status === 200 ? body : '{"error":"no"}' };
    },
  });
  const answers = [];
  for (const body of ["[1]", "[2]", "[3]", "[4]", "[1]"])
    answers.push((await bed.post("/model-1", body)).status);
  expect(answers).toEqual([200, ERROR_STATUS.model_error, ERROR_STATUS.unavailable, 400, 200]);
  await bed.post("/model-1", "[1]", {});
  await until(() => [...bed.hub.versions.values()].some(({ calls }) => calls === 4));
  const [figures] = bed.hub.versions.values();
  expect(figures).toMatchObject({ binding_id: BINDING, calls: 4, errors: 2 });
  expect(Object.values(figures?.latency ?? {}).reduce((sum, count) => sum + count, 0)).toBe(4);
});

test("a gateway that starts again counts in a new run, so that both together have every call once", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  for (const calls of [5, 3]) {
    const gateway = await spawnGateway(hub.url, folder.path);
    const replica = await startTestReplica({ url: gateway.url });
    for (let call = 0; call < calls; call += 1) {
      const headers = { "x-api-key": KEY };
      expect((await fetch(`${gateway.url}/model-1`, { method: "POST", body: "[1]", headers })).status).toBe(
        200,
      );
    }
    gateway.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    await replica.closed;
  }
  expect([...hub.versions.values()].map(({ calls }) => calls).sort()).toEqual([3, 5]);
  await hub.stop();
  await folder.remove();
});
