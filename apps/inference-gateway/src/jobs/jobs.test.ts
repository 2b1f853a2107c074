import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { startGateway } from "../gateway.ts";
import { sha256 } from "../hash.ts";
import { createLog } from "../log.ts";
import { spawnGateway } from "../testing/spawn-gateway.ts";
import { startTestBed, testEnv, testFolder, until } from "../testing/test-gateway.ts";
import { startTestHub } from "../testing/test-hub.ts";
import { startTestReplica } from "../testing/test-replica.ts";
import { KEY, testEndpoint, testId, testTable } from "../testing/test-table.ts";

const AUTHORIZED = { authorization: `Bearer ${KEY}` };
const ASYNC = { ...AUTHORIZED, prefer: "respond-async" };
const TENSOR = { inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }] };

test("a submitted call is 202 with where to ask; its result is what a waiting caller gets, byte for byte", async () => {
  await using bed = await startTestBed();
  await bed.replica({ infer: (body) => ({ status: 200, body: `{"got":${body.byteLength}}` }) });
  for (const [path, body] of [
    ["/model-1", "[1, 2]"],
    ["/v1/models/model-1:predict", '{"instances":[[1,2]]}'],
  ] as const) {
    const waited = await bed.post(path, body);
    const taken = await bed.post(path, body, ASYNC);
    expect([taken.status, taken.headers.get("preference-applied")]).toEqual([202, "respond-async"]);
    const at = taken.headers.get("location") ?? "";
    expect(at).toMatch(/^\/model-1\/jobs\/job_[0-9a-f]{32}_[0-9a-f]{32}$/);
    const job = await (await bed.get(`${at}?wait=10`)).json();
    expect(job).toMatchObject({ state: "done", status: 200, result: `${at}/result`, queue_position: null });
    const result = await bed.get(`${at}/result`);
    expect(result.headers.get("content-type")).toBe(waited.headers.get("content-type"));
    expect(await result.bytes()).toEqual(await waited.bytes());
  }
  const wrong = await bed.post("/v2/models/model-1/infer", "nonsense", ASYNC);
  const at = wrong.headers.get("location") ?? "";
  expect(await (await bed.get(`${at}?wait=10`)).json()).toMatchObject({ state: "failed", status: 400 });
  const refused = await bed.get(`${at}/result`);
  const direct = await bed.post("/v2/models/model-1/infer", "nonsense");
  expect([refused.status, await refused.text()]).toEqual([direct.status, await direct.text()]);
});

test("jobs wait in order, tell their place, and are cancelled by DELETE; what is gone is 404", async () => {
  await using bed = await startTestBed();
  const submit = async () => {
    const response = await bed.post("/model-1", "1", ASYNC);
    return response.headers.get("location") ?? "";
  };
  const jobs: string[] = [];
  for (let n = 0; n < 20; n++) jobs.push(await submit());
  const states = async () =>
    Promise.all(
      jobs.map(async (at) => (await (await bed.get(at)).json()) as { queue_position: number | null }),
    );
  await until(
    async () => (await states()).filter(({ queue_position }) => queue_position === null).length === 16,
  );
  expect((await states()).slice(16).map(({ queue_position }) => queue_position)).toEqual([1, 2, 3, 4]);
  expect((await bed.get(`${jobs[19]}/result`)).status).toBe(409);

  const remove = (at: string | undefined, headers = AUTHORIZED) =>
    fetch(bed.gateway.url + at, { method: "DELETE", headers });
  expect((await remove(jobs[0])).status).toBe(204);
  expect((await remove(jobs[19])).status).toBe(204);
  expect((await remove(jobs[19])).status).toBe(404);
  expect((await bed.get(jobs[0] ?? "")).status).toBe(404);
  const replica = await bed.replica();
  await until(async () => (await (await bed.get(jobs[18] ?? "")).json()).state === "done");
  const items = replica.batches.reduce((sum, { items }) => sum + items.length, 0);
  expect(items).toBe(18);
}, 60_000);

test("a job is its key's: another key, another endpoint, a guess and a path that climbs find nothing", async () => {
  const keys = [
    { id: testId("key", 1), sha256: sha256(KEY), expires_at: null },
    { id: testId("key", 2), sha256: sha256("pdk_other"), expires_at: null },
  ];
  const second = testEndpoint(2, { keys: [{ ...keys[0], id: testId("key", 1) } as never], bindings: [] });
  await using bed = await startTestBed({ version: 1, endpoints: [testEndpoint(1, { keys }), second] });
  await bed.replica();
  const at = (await bed.post("/model-1", "1", ASYNC)).headers.get("location") ?? "";
  const [, , , id = ""] = at.split("/");
  const status = async (path: string, headers: Record<string, string> = AUTHORIZED) =>
    (await bed.get(path, headers)).status;
  expect(await status(at)).toBe(200);
  expect(await status(at, { authorization: "Bearer pdk_other" })).toBe(404);
  expect(await status(at, {})).toBe(401);
  expect(await status(`/model-2/jobs/${id}`)).toBe(404);
  expect(await status(`/nope/jobs/${id}`)).toBe(404);
  for (const forged of [`${id}0`, id.toUpperCase(), "job_", "..%2f..%2fgateway-id", "%00", "x".repeat(8_000)])
    expect(await status(`/model-1/jobs/${forged}`)).toBe(404);
  // Of a gateway that is not up nobody can say what it keeps.
  expect(await status(`/model-1/jobs/job_${"f".repeat(32)}_${"0".repeat(32)}`)).toBe(503);
});

test("a webhook is told when a job has ended, signed with the secret from the 202; addresses inside are refused", async () => {
  const told = Promise.withResolvers<{ headers: Headers; body: string }>();
  let tries = 0;
  const receiver = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      tries += 1;
      if (tries === 1) return new Response(null, { status: 503 });
      told.resolve({ headers: request.headers, body: await request.text() });
      return new Response(null, { status: 204 });
    },
  });
  const hub = startTestHub(testTable());
  const folder = await testFolder();
  const gateway = await startGateway(testEnv(hub.url, folder.path, { PODIUM_WEBHOOKS_PRIVATE: "true" }), {
    ...{ clock: systemClock, log: createLog("silent"), random: Math.random },
    random32: () => Math.floor(Math.random() * 2 ** 32),
  });
  await until(async () => (await fetch(`${gateway.url}/readyz`)).ok);
  await until(async () => (await fetch(`${gateway.url}/v2/models/model-1`, { headers: AUTHORIZED })).ok);
  await startTestReplica({ url: gateway.url });
  const taken = await fetch(`${gateway.url}/model-1`, {
    method: "POST",
    body: "[7]",
    headers: { ...ASYNC, "podium-webhook": receiver.url.href },
  });
  const { id, webhook_secret } = await taken.json();
  const { headers, body } = await told.promise;
  expect(JSON.parse(body)).toMatchObject({ type: "job.done", data: { job_id: id, status: 200 } });
  expect(headers.get("webhook-id")).toBe(id);
  const signature = createHmac("sha256", Buffer.from(webhook_secret.slice("whsec_".length), "base64"))
    .update(`${id}.${headers.get("webhook-timestamp")}.${body}`)
    .digest("base64");
  expect(headers.get("webhook-signature")).toBe(`v1,${signature}`);
  expect(body).not.toContain(KEY);
  await gateway.stop();
  await hub.stop();
  await receiver.stop(true);
  await folder.remove();

  await using bed = await startTestBed();
  for (const url of [
    "http://127.0.0.1/",
    "http://localhost:80/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/",
    "ftp://example.org/",
    "https://ann:secret@example.org/",
    "nonsense",
  ]) {
    const refused = await bed.post("/model-1", "1", { ...ASYNC, "podium-webhook": url });
    expect([url, refused.status]).toEqual([url, 400]);
  }
}, 60_000);

test("kill -9 loses no job that got its 202: it is run again, answered, and charged once", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const first = await spawnGateway(hub.url, folder.path);
  const held = Promise.withResolvers<void>();
  const stuck = await startTestReplica({ url: first.url, onBatch: () => held.promise });
  const at: string[] = [];
  for (let n = 0; n < 5; n++) {
    const headers = ASYNC;
    const taken = await fetch(`${first.url}/model-1`, { method: "POST", body: `[${n}]`, headers });
    at.push(taken.headers.get("location") ?? "");
  }
  await until(() => stuck.batches.length > 0);
  first.kill("SIGKILL");
  await first.exited;

  const second = await spawnGateway(hub.url, folder.path);
  await startTestReplica({ url: second.url });
  for (const [n, path] of at.entries()) {
    const job = await (await fetch(`${second.url}${path}?wait=20`, { headers: AUTHORIZED })).json();
    expect(job).toMatchObject({ state: "done" });
    const result = await fetch(`${second.url}${path}/result`, { headers: AUTHORIZED });
    expect(await result.text()).toBe(`[${n}]`);
  }
  second.kill("SIGKILL");
  await second.exited;

  // Results outlast it as well, and nothing is run or charged again.
  const third = await spawnGateway(hub.url, folder.path);
  const again = await fetch(`${third.url}${at[0]}/result`, { headers: AUTHORIZED });
  expect(await again.text()).toBe("[0]");
  await until(() => hub.calls(testId("end", 1)) === 5);
  for (const path of at) await fetch(third.url + path, { method: "DELETE", headers: AUTHORIZED });
  expect(await readdir(join(folder.path, "jobs"))).toEqual([]);
  third.kill("SIGTERM");
  await third.exited;
  expect(hub.calls(testId("end", 1))).toBe(5);
  await hub.stop();
  await folder.remove();
}, 60_000);

test("a gateway stops though a model hangs on a job, however often; the job is run all the same by the next one", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const never = new Promise<void>(() => {});
  let at = "";
  for (let round = 0; round < 2; round++) {
    const gateway = await spawnGateway(hub.url, folder.path);
    const stuck = await startTestReplica({ url: gateway.url, onBatch: () => never });
    if (round === 0) {
      const taken = await fetch(`${gateway.url}/model-1`, { method: "POST", body: "[8]", headers: ASYNC });
      at = taken.headers.get("location") ?? "";
    }
    await until(() => stuck.batches.length > 0);
    gateway.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
  }
  const last = await spawnGateway(hub.url, folder.path);
  await startTestReplica({ url: last.url });
  const job = await (await fetch(`${last.url}${at}?wait=20`, { headers: AUTHORIZED })).json();
  expect(job).toMatchObject({ state: "done", status: 200 });
  last.kill("SIGTERM");
  await last.exited;
  await hub.stop();
  await folder.remove();
}, 90_000);

test("any gateway answers for a job, by asking the one that keeps it; that one being away is 503", async () => {
  await using keeper = await startTestBed();
  await keeper.replica();
  await using other = await startTestBed();
  const keeperId = keeper.hub.heartbeats[0]?.gateway_id ?? "";
  const at = (await keeper.post("/v2/models/model-1/infer", TENSOR, ASYNC)).headers.get("location") ?? "";
  await keeper.get(`${at}?wait=10`);
  expect((await other.get(at)).status).toBe(503);
  other.hub.news = { gateways: [{ id: keeperId as `gtw_${string}`, url: keeper.gateway.url }], quotas: [] };
  await until(async () => (await other.get(at)).status === 200);
  const [here, there] = [await keeper.get(`${at}/result`), await other.get(`${at}/result`)];
  expect([there.status, await there.text()]).toEqual([here.status, await here.text()]);
  expect((await other.get(at, { authorization: "Bearer pdk_wrong" })).status).toBe(401);
  const removed = await fetch(other.gateway.url + at, { method: "DELETE", headers: AUTHORIZED });
  expect(removed.status).toBe(204);
  expect((await keeper.get(at)).status).toBe(404);
}, 60_000);
