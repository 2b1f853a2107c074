import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { startGateway } from "../gateway.ts";
import { sha256 } from "../hash.ts";
import { createLog } from "../log.ts";
import { startTestBed, testEnv, testFolder, until } from "../testing/test-gateway.ts";
import { startTestHub } from "../testing/test-hub.ts";
import { startTestReplica } from "../testing/test-replica.ts";
import { KEY, testBinding, testEndpoint, testTable } from "../testing/test-table.ts";

const dependencies = { clock: systemClock, log: createLog("silent"), random: Math.random, random32: () => 7 };

test("a gateway that starts while the hub is down serves from the table of its last run, and follows the hub again", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const first = await startGateway(testEnv(hub.url, folder.path), dependencies);
  await until(() => Bun.file(join(folder.path, "routes.json")).exists());
  await first.stop();
  await hub.stop();

  const second = await startGateway(testEnv(hub.url, folder.path), dependencies);
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
  await startTestReplica({ url: second.url });
  const headers = { "x-api-key": KEY };
  const post = (name: string) => fetch(`${second.url}/${name}`, { method: "POST", body: "[1]", headers });
  expect(await (await post("model-1")).text()).toBe("[1]");

  // It comes back as another one, with a lower version: what it says counts.
  const revived = startTestHub({ version: 0, endpoints: [] }, Number(new URL(hub.url).port));
  revived.publish((table) => table.endpoints.push(testEndpoint(2)));
  await until(async () => (await post("model-1")).status === 404);
  await until(() => revived.heartbeats.length > 0);
  expect(revived.heartbeats[0]?.gateway_id).toBe(hub.heartbeats[0]?.gateway_id ?? "none");
  await second.stop();
  await revived.stop();
  await folder.remove();
}, 20_000);

test("without a hub and without a saved table it is alive but not ready; a damaged one is no reason to fail", async () => {
  const folder = await testFolder();
  await writeFile(join(folder.path, "routes.json"), '{"version": 1, "endp');
  const gateway = await startGateway(testEnv("http://127.0.0.1:1", folder.path), dependencies);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${gateway.url}/v2/health/ready`)).status).toBe(503);
  await gateway.stop();
  await folder.remove();
});

test("the hub learns where to dial and where callers reach it", async () => {
  await using bed = await startTestBed();
  await until(() => bed.hub.heartbeats.length > 0);
  expect(bed.hub.heartbeats[0]).toEqual({
    gateway_id: expect.stringMatching(/^gtw_[0-9a-f]{32}$/),
    public_url: bed.gateway.url,
    replica_url: bed.gateway.url.replace("http", "ws"),
  });
});

test("traffic is split by weight, and a binding without a replica gets none while another has one", async () => {
  const bindings = [testBinding(1, { weight: 3, replica_sha256: [] }), testBinding(2, { weight: 1 })];
  let turn = 0;
  const evenly = () => (turn++ % 100) / 100;
  await using bed = await startTestBed(testTable({ bindings }), evenly);
  await bed.replica({ binding: 2, infer: () => ({ status: 200, body: "2" }) });
  const share = async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => bed.post("/model-1", "0")));
    return (await Promise.all(answers.map((answer) => answer.text()))).filter((text) => text === "2").length;
  };
  expect(await share()).toBe(100);

  bed.hub.publish((table) => {
    table.endpoints[0]?.bindings[0]?.replica_sha256.push(sha256("prt_one"));
  });
  await bed.replica({ binding: 1, token: "prt_one", infer: () => ({ status: 200, body: "1" }) });
  turn = 0;
  expect(await share()).toBe(25);
});

test("calls that wait for a binding that is removed are answered by another; those that named its version fail", async () => {
  const bindings = [testBinding(1, { weight: 1, replica_sha256: [] }), testBinding(2, { weight: 0 })];
  await using bed = await startTestBed(testTable({ bindings }));
  const request = { inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }] };
  const plain = bed.post("/model-1", "[5]");
  const pinned = bed.post("/v2/models/model-1/versions/1/infer", request);
  await until(async () =>
    (await (await bed.get("/metrics")).text()).includes('queue_depth{endpoint="model-1",version="1"} 2'),
  );

  bed.hub.publish((table) => {
    const [endpoint] = table.endpoints;
    endpoint?.bindings.shift();
    if (endpoint?.bindings[0]) endpoint.bindings[0].weight = 1;
  });
  const refused = await pinned;
  await bed.replica({ binding: 2 });

  expect(await (await plain).text()).toBe("[5]");
  expect([refused.status, Object.keys(await refused.json())]).toEqual([503, ["error"]]);
});

test("a second gateway on the same folder is refused with a word about the folder", async () => {
  const folder = await testFolder();
  const gateway = await startGateway(testEnv("http://127.0.0.1:1", folder.path), dependencies);
  await expect(startGateway(testEnv("http://127.0.0.1:1", folder.path), dependencies)).rejects.toThrow(
    /Another gateway uses/,
  );
  await gateway.stop();
  const again = await startGateway(testEnv("http://127.0.0.1:1", folder.path), dependencies);
  await again.stop();
  await folder.remove();
});

test("a call to an endpoint whose first model still loads waits for it", async () => {
  await using bed = await startTestBed(
    testTable({ bindings: [testBinding(1, { weight: 0, signature: null })] }),
  );
  const waiting = bed.post("/model-1", "[1]");
  await until(async () =>
    (await (await bed.get("/metrics")).text()).includes('queue_depth{endpoint="model-1",version="1"} 1'),
  );
  await bed.replica();
  expect(await (await waiting).text()).toBe("[1]");
});

test("an endpoint without any model answers 503 at once", async () => {
  await using bed = await startTestBed(testTable({ bindings: [] }));
  const response = await bed.post("/model-1", "[1]");
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("a call whose body arrives after its binding was removed is answered by another", async () => {
  const bindings = [testBinding(1, { replica_sha256: [] }), testBinding(2, { weight: 0 })];
  await using bed = await startTestBed(testTable({ bindings }));
  const rest = Promise.withResolvers<void>();
  const answer = fetch(`${bed.gateway.url}/model-1`, {
    method: "POST",
    headers: { "x-api-key": KEY },
    body: new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from("[5"));
        await rest.promise;
        controller.enqueue(Buffer.from("]"));
        controller.close();
      },
    }),
  });
  await Bun.sleep(50);
  bed.hub.publish((table) => void table.endpoints[0]?.bindings.shift());
  await until(async () => (await (await bed.get("/v2/models/model-1")).text()).includes('"versions":["2"]'));
  await bed.replica({ binding: 2 });
  rest.resolve();
  expect(await (await answer).text()).toBe("[5]");
});
