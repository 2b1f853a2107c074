import { expect, test } from "bun:test";
import type { ReplicaStep } from "@podium/shared";
import { startTestBed, type TestBed, until } from "../../testing/test-gateway.ts";
import { KEY, testBinding, testEndpoint, testId, testTable } from "../../testing/test-table.ts";
import { preferredWaitMs, takesEvents } from "./prefer.ts";

const ASLEEP = { bindings: [testBinding(1, { holds: true })] };

const sleeping = (change: Parameters<typeof testTable>[0] = {}) =>
  startTestBed(testTable({ ...ASLEEP, ...change }));

function says(bed: TestBed, step: ReplicaStep, detail: string | null = null) {
  bed.hub.held = [{ binding_id: testId("bnd", 1), step, detail }];
}

const held = (bed: TestBed) => bed.hub.loads.some(({ bindings }) => bindings.some((binding) => binding.held));
const auth = { "x-api-key": KEY };

/** The events of an answer, as they came. */
function eventsOf(text: string): { event: string; data: unknown }[] {
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((block) => {
      const [event = "", data = ""] = block.split("\n");
      return { event: event.slice("event: ".length), data: JSON.parse(data.slice("data: ".length)) };
    });
}

test("a call to a model that sleeps tells the hub at once, waits, and is answered when a replica is up", async () => {
  await using bed = await sleeping();
  const answer = bed.post("/model-1", "[7]");
  await until(() => held(bed));
  const report = bed.hub.loads.find(({ bindings }) => bindings.length > 0);
  expect(report?.bindings).toEqual([{ binding_id: testId("bnd", 1), queued: 1, in_flight: 0, held: true }]);
  await bed.replica();
  const response = await answer;
  expect([response.status, await response.text()]).toEqual([200, "[7]"]);
  await until(() => bed.hub.loads.at(-1)?.replicas.length === 1);
});

test("a sleeping model counts as ready and gets its share, though another one is up", async () => {
  const bindings = [testBinding(1, { holds: true, replica_sha256: [] }), testBinding(2)];
  await using bed = await startTestBed(testTable({ bindings }), () => 0);
  await bed.replica({ binding: 2 });
  expect((await bed.get("/v2/models/model-1/versions/1/ready")).status).toBe(200);
  const answer = bed.post("/model-1", "[1]");
  await until(() => held(bed));
  bed.hub.publish((table) => void table.endpoints[0]?.bindings.shift());
  expect(await (await answer).text()).toBe("[1]");
});

test("who takes events sees what the call waits for, and then the answer", async () => {
  await using bed = await sleeping();
  says(bed, "queued", "no node has room");
  const response = await bed.post("/model-1", "[1,\n 2]", { ...auth, accept: "text/event-stream" });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  await until(() => held(bed));
  await Bun.sleep(400);
  says(bed, "loading");
  await Bun.sleep(1_600);
  await bed.replica();
  const events = eventsOf(await response.text());
  expect(events[0]).toEqual({ event: "progress", data: { state: "waking", detail: null } });
  expect(events).toContainEqual({ event: "progress", data: { state: "queued", detail: "no node has room" } });
  expect(events).toContainEqual({ event: "progress", data: { state: "loading", detail: null } });
  expect(events.at(-1)).toEqual({ event: "answer", data: [1, 2] });
});

test("an error of the model is the last event", async () => {
  await using bed = await sleeping();
  const response = await bed.post("/model-1", "[1]", { ...auth, accept: "text/event-stream" });
  await bed.replica({ infer: () => ({ status: 422, body: '{"error": "no such film"}' }) });
  expect(eventsOf(await response.text()).at(-1)).toMatchObject({
    event: "error",
    data: { code: "model_error", detail: "no such film" },
  });
});

test("past the caller's wait the call is a job, which goes on without its caller and is fetched with its key", async () => {
  await using bed = await sleeping();
  const response = await bed.post("/model-1", "[5]", { ...auth, prefer: "wait=0" });
  const at = response.headers.get("location") ?? "";
  expect([response.status, at]).toEqual([202, expect.stringMatching(/^\/model-1\/jobs\/job_/)]);
  expect((await bed.get(at, { "x-api-key": "pdk_other" })).status).toBe(401);
  expect((await bed.get(`${at}/result`)).status).toBe(409);

  const replica = await bed.replica();
  await until(async () => ((await (await bed.get(at)).json()) as { state: string }).state === "done");
  for (const _ of [1, 2]) expect(await (await bed.get(`${at}/result`)).text()).toBe("[5]");
  const failures = /^podium_gateway_request_failure_total\{.*\} [1-9]/m;
  expect(await (await bed.get("/metrics")).text()).not.toMatch(failures);
  // The call that waited has ended with its caller: nothing is computed twice.
  expect(replica.batches.flatMap(({ items }) => items)).toHaveLength(1);
});

test("a call that became a job counts once against its key's quota, also when it used up the last of it", async () => {
  const keys = testEndpoint(1).keys.map((key) => ({ ...key, calls_per_day: 2 }));
  await using bed = await sleeping({ keys });
  const ats: string[] = [];
  for (const row of [1, 2]) {
    const response = await bed.post("/model-1", `[${row}]`, { ...auth, prefer: "wait=0" });
    ats.push(response.headers.get("location") ?? "");
  }
  expect((await bed.post("/model-1", "[3]")).status).toBe(429);
  await bed.replica();
  for (const at of ats)
    expect(await (await bed.get(`${at}?wait=10`)).json()).toMatchObject({ state: "done", status: 200 });
});

test("a call that became a job and is cancelled before the model has it stays counted, and costs nothing", async () => {
  const keys = testEndpoint(1).keys.map((key) => ({ ...key, calls_per_day: 1 }));
  await using bed = await sleeping({ keys });
  const at = (await bed.post("/model-1", "[1]", { ...auth, prefer: "wait=0" })).headers.get("location");
  // The job may have been put before the sleeping model by now: then that was its one count.
  expect((await fetch(bed.gateway.url + at, { method: "DELETE", headers: auth })).status).toBe(204);
  const counted = () => bed.hub.reports.flatMap(({ items }) => items);
  await until(() => counted().length > 0);
  expect(counted()).toEqual([
    { endpoint_id: testId("end", 1), key_id: testId("key", 1), calls: 1, failed: 1 },
  ]);
  expect((await bed.post("/model-1", "[2]")).status).toBe(429);
});

test("a key that is not for jobs goes on waiting, until the endpoint's time limit", async () => {
  const keys = testEndpoint(1).keys.map((key) => ({ ...key, scopes: ["infer" as const] }));
  await using bed = await sleeping({ keys, timeout_ms: 300 });
  const response = await bed.post("/model-1", "[5]", { ...auth, prefer: "wait=0" });
  expect(response.status).toBe(503);
});

test("past the endpoint's time limit a held call is a job too, in whatever protocol it came", async () => {
  await using bed = await sleeping({ timeout_ms: 100 });
  const body = { inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }] };
  const paths = ["/v2/models/model-1/infer", "/v1/models/model-1:predict"];
  const requests = [body, { instances: [[1, 2]] }];
  for (const [index, path] of paths.entries())
    expect([path, (await bed.post(path, requests[index])).status]).toEqual([path, 202]);
  const streamed = await bed.post("/model-1", "[1]", { ...auth, accept: "text/event-stream" });
  expect(eventsOf(await streamed.text()).at(-1)).toMatchObject({
    event: "deferred",
    data: { location: expect.stringMatching(/^\/model-1\/jobs\/job_/) },
  });
});

test("a model that does not sleep but has no replica is waited for until the time limit, as before", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 200 }));
  const late = await bed.post("/model-1", "[1]");
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "5"]);
  expect((await bed.post("/model-1", "[1]", { ...auth, prefer: "wait=0" })).status).toBe(202);
});

test("held calls are bounded like all that wait", async () => {
  await using bed = await sleeping({ max_queue: 2 });
  const waiting = [bed.post("/model-1", "[1]"), bed.post("/model-1", "[2]")];
  await until(() => held(bed));
  await until(async () =>
    (await (await bed.get("/metrics")).text()).includes('queue_depth{endpoint="model-1",version="1"} 2'),
  );
  expect((await bed.post("/model-1", "[3]")).status).toBe(429);
  await bed.replica();
  for (const answer of waiting) expect((await answer).status).toBe(200);
});

test("a caller that leaves while it is held is not computed", async () => {
  await using bed = await sleeping();
  const leaving = new AbortController();
  const gone = fetch(`${bed.gateway.url}/model-1`, {
    method: "POST",
    headers: auth,
    body: "[1]",
    signal: leaving.signal,
  }).catch(() => "left");
  await until(() => held(bed));
  leaving.abort();
  expect(await gone).toBe("left");
  await until(async () =>
    (await (await bed.get("/metrics")).text()).includes('queue_depth{endpoint="model-1",version="1"} 0'),
  );
  const replica = await bed.replica();
  expect((await bed.post("/model-1", "[2]")).status).toBe(200);
  expect(replica.batches.map(({ items }) => items.length)).toEqual([1]);
});

test("Prefer and Accept are read as they are written", () => {
  const prefer = (value: string) => preferredWaitMs(new Headers({ prefer: value }));
  expect([prefer("wait=5"), prefer("respond-async, wait=10"), prefer('wait="3"; x')]).toEqual([
    5_000, 10_000, 3_000,
  ]);
  expect([prefer("respond-async"), prefer("wait=soon"), prefer("await=5"), prefer("wait=5.5")]).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(preferredWaitMs(new Headers())).toBeNull();
  const accept = (value: string) => takesEvents(new Headers({ accept: value }));
  expect([accept("text/event-stream"), accept("application/json, text/event-stream;q=0.5")]).toEqual([
    true,
    true,
  ]);
  expect([accept("*/*"), accept("application/json"), takesEvents(new Headers())]).toEqual([
    false,
    false,
    false,
  ]);
});
