import { expect, test } from "bun:test";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../hash.ts";
import { spawnGateway, spawnMain } from "../testing/spawn-gateway.ts";
import { startTestBed, testFolder, until } from "../testing/test-gateway.ts";
import { startTestHub } from "../testing/test-hub.ts";
import { KEY, testEndpoint, testId, testTable } from "../testing/test-table.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SECRET = "payload-of-this-test";

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("one line an answered request, with its durations and without a payload, a header or a key", async () => {
  const folder = await testFolder();
  const path = join(folder.path, "logs", "access.log");
  const bed = await startTestBed(testTable(), Math.random, { PODIUM_GATEWAY_ACCESS_LOG: path });
  await bed.replica({ timings: { compute_us: 100, held_us: 50 } });
  const traceparent = `00-${TRACE}-b7ad6b7169203331-00`;
  await bed.post(`/model-1?q=${SECRET}`, SECRET, {
    authorization: `Bearer ${KEY}`,
    "x-request-id": "mine",
    traceparent,
  });
  await bed.post("/model-1", SECRET, { "x-api-key": `${KEY}${SECRET}` });
  await bed.get("/v2/models/model-1");
  await bed.post(`/nowhere?${SECRET}`, 1);
  await bed.get("/healthz");
  await bed[Symbol.asyncDispose]();

  const lines = await linesOf(path);
  expect(lines).toHaveLength(4);
  expect(lines[0]).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    request_id: "mine",
    method: "POST",
    path: "/model-1",
    endpoint: "model-1",
    version: 1,
    key: testId("key", 1),
    status: 200,
    bytes_in: SECRET.length,
    bytes_out: SECRET.length,
    ms: expect.any(Number),
    queue_ms: expect.any(Number),
    batch_ms: 0.05,
    transport_ms: expect.any(Number),
    compute_ms: 0.1,
    batch_size: 1,
    trace_id: TRACE,
  });
  expect(lines[1]).toMatchObject({ endpoint: "model-1", version: null, key: null, status: 401 });
  expect(lines[1]?.["bytes_out"]).toBeGreaterThan(100);
  expect(lines[2]).toMatchObject({ method: "GET", path: "/v2/models/model-1", status: 200 });
  expect(lines[3]).toMatchObject({ path: "/nowhere", status: 404 });
  const text = await readFile(path, "utf8");
  for (const word of [SECRET, KEY, "Bearer"]) expect(text).not.toContain(word);
  await folder.remove();
});

test("who was refused with a key is named by its id: expired, of another scope or version, out of quota, without credit", async () => {
  const folder = await testFolder();
  const path = join(folder.path, "access.log");
  const key = (n: number, change: object = {}) => ({
    ...{ id: testId("key", n), sha256: sha256(`pdk_${n}`), expires_at: null },
    ...change,
  });
  const table = testTable({
    keys: [
      key(1, { expires_at: "2020-01-01T00:00:00Z" }),
      key(2, { scopes: ["metadata"] }),
      key(3, { versions: [7] }),
      key(4, { calls_per_day: 1 }),
      key(5, { scopes: ["infer"] }),
    ],
  });
  const poor = testEndpoint(2, { keys: [key(6)], bindings: [], out_of_credit: true });
  table.endpoints.push(poor);
  const bed = await startTestBed(table, Math.random, { PODIUM_GATEWAY_ACCESS_LOG: path });
  await bed.replica();
  for (const n of [1, 2, 3, 4, 4]) await bed.post("/model-1", "1", { authorization: `Bearer pdk_${n}` });
  await bed.post("/model-1", "1", { "x-api-key": "pdk_5", prefer: "respond-async" });
  await bed.post("/model-2", "1", { "x-api-key": "pdk_6" });
  await bed.post("/model-1", "1", { "x-api-key": "pdk_nobodys" });
  await bed[Symbol.asyncDispose]();
  const seen = (await linesOf(path)).map(({ key, status }) => [key, status]);
  const refused = seen.filter(([, status]) => status !== 200);
  const statuses = [401, 403, 403, 429, 403, 402];
  expect(refused).toEqual([...statuses.map((status, n) => [testId("key", n + 1), status]), [null, 401]]);
  await folder.remove();
});

test("a log that was moved away goes on in a new file after SIGUSR2", async () => {
  const folder = await testFolder();
  const path = join(folder.path, "access.log");
  const hub = startTestHub(testTable());
  const gateway = await spawnGateway(hub.url, folder.path, { PODIUM_GATEWAY_ACCESS_LOG: path });
  const ask = (name: string) => fetch(`${gateway.url}/${name}`, { method: "POST", body: "1" });
  await ask("before");
  await until(async () => (await linesOf(path)).length === 1);
  await rename(path, `${path}.1`);
  gateway.kill("SIGUSR2");
  await until(() => Bun.file(path).exists());
  await ask("after");
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  expect((await linesOf(`${path}.1`)).map((line) => line["path"])).toEqual(["/before"]);
  expect((await linesOf(path)).map((line) => line["path"])).toEqual(["/after"]);
  await hub.stop();
  await folder.remove();
});

test("a log that can't be written stops the start, and says which setting it is", async () => {
  const folder = await testFolder();
  const gateway = spawnMain({
    HUB_URL: "http://127.0.0.1:9",
    PODIUM_GATEWAY_DATA: folder.path,
    PODIUM_GATEWAY_ACCESS_LOG: "/proc/no/access.log",
  });
  expect(await gateway.exited).toBe(1);
  expect(await new Response(gateway.stderr).text()).toContain(
    "PODIUM_GATEWAY_ACCESS_LOG (/proc/no/access.log)",
  );
  await folder.remove();
});
