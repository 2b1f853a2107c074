import { expect, test } from "bun:test";
import { startTestCollector } from "../testing/test-collector.ts";
import { startTestBed, untilQueued } from "../testing/test-gateway.ts";
import { KEY, testTable } from "../testing/test-table.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const SERVER = 2;
const AUTHORIZED = { authorization: `Bearer ${KEY}` };
const sampled = (trace = TRACE) => ({ ...AUTHORIZED, traceparent: `00-${trace}-${PARENT}-01` });

/** A gateway that sends its traces to a collector of this test. */
async function traced(more: Record<string, string> = {}, random: () => number = Math.random) {
  const collector = startTestCollector();
  const bed = await startTestBed(testTable(), random, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    ...more,
  });
  return { collector, bed };
}

test("a request is one trace: its span below the caller's, and its queue, batch and compute below that", async () => {
  const { collector, bed } = await traced({
    OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a%20b",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  });
  await bed.replica({ timings: { compute_us: 300, held_us: 100 } });
  const answer = await bed.post("/model-1", { secret: "payload-of-this-test" }, sampled());
  expect(answer.status).toBe(200);
  await bed[Symbol.asyncDispose]();

  const spans = collector.spans();
  const byName = (name: string) => spans.filter((span) => span.name === name)[0];
  const [request, queue, batch, compute] = ["POST /{endpoint}", "queue", "batch", "compute"].map(byName);
  expect(spans.map(({ traceId }) => traceId)).toEqual(spans.map(() => TRACE));
  expect(spans).toHaveLength(4);
  expect(request).toMatchObject({ parentSpanId: PARENT, kind: SERVER });
  expect(queue?.parentSpanId).toBe(request?.spanId);
  expect(batch?.parentSpanId).toBe(request?.spanId);
  expect(compute?.parentSpanId).toBe(batch?.spanId);
  expect(request?.attributes).toMatchObject({
    "http.request.method": "POST",
    "http.route": "/{endpoint}",
    "http.response.status_code": 200,
    "url.path": "/model-1",
    "podium.endpoint": "model-1",
    "podium.model.version": 1,
    "podium.request_id": answer.headers.get("x-request-id"),
  });
  expect(batch?.attributes).toMatchObject({ "podium.batch.size": 1, "podium.model": "ada/films/1:best" });
  const duration = (span: typeof request) =>
    Number(BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0));
  expect(duration(compute) / 1000).toBeCloseTo(300, -1);
  expect(duration(request)).toBeGreaterThanOrEqual(duration(queue) + duration(batch));

  expect(collector.resource()).toMatchObject({
    "service.name": "podium-gateway",
    "deployment.environment.name": "test",
  });
  expect(collector.requests[0]?.path).toBe("/v1/traces");
  expect(collector.requests[0]?.headers.get("x-tenant")).toBe("a b");
  const sent = collector.requests.map(({ body }) => body).join();
  expect(sent).not.toContain("payload-of-this-test");
  expect(sent).not.toContain(KEY);
  await collector[Symbol.asyncDispose]();
});

test("the trace goes on to the model; calls of several traces in one batch are linked to it", async () => {
  const { collector, bed } = await traced();
  const replica = await bed.replica({ pullsAlways: false });
  const traces = ["1", "2", "3"].map((digit) => digit.repeat(32));
  const answers = traces.map((trace) => bed.post("/model-1", trace, sampled(trace)));
  answers.push(
    bed.post("/model-1", "not traced", { ...AUTHORIZED, traceparent: `00-${TRACE}-${PARENT}-00` }),
  );
  await untilQueued(bed.gateway.url, 4);
  replica.pull();
  await Promise.all(answers);
  await bed[Symbol.asyncDispose]();

  const spans = collector.spans();
  const requests = spans.filter(({ name }) => name === "POST /{endpoint}");
  const [batch, ...none] = spans.filter(({ name }) => name === "batch");
  expect(none).toEqual([]);
  expect(batch?.attributes["podium.batch.size"]).toBe(4);
  expect(batch?.links.map(({ spanId }) => spanId).sort()).toEqual(
    requests.map(({ spanId }) => spanId).sort(),
  );
  const others = requests.filter(({ spanId }) => spanId !== batch?.parentSpanId);
  expect(others.map(({ links }) => links.map(({ spanId }) => spanId))).toEqual([
    [String(batch?.spanId)],
    [String(batch?.spanId)],
  ]);
  const passedOn = replica.batches[0]?.items.map(({ traceparent }) => traceparent);
  expect(new Set(passedOn)).toEqual(
    new Set([undefined, ...requests.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)]),
  );
  await collector[Symbol.asyncDispose]();
});

test("what a caller does not want recorded is not; without a caller's word the share decides", async () => {
  const draws = [0.9, 0.1, 0.5];
  let drawn = 0;
  const { collector, bed } = await traced(
    { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.2" },
    () => draws[drawn++ % draws.length] ?? 0,
  );
  await bed.replica();
  await bed.post("/model-1", 1, { ...AUTHORIZED, traceparent: `00-${TRACE}-${PARENT}-00` });
  expect(drawn).toBe(0);
  for (const value of [1, 2, 3]) await bed.post("/model-1", value);
  await bed.post("/model-1", 1, { ...AUTHORIZED, traceparent: "00-not-a-trace" });
  await bed[Symbol.asyncDispose]();
  expect(collector.spans().filter(({ kind }) => kind === SERVER)).toHaveLength(1);
  await collector[Symbol.asyncDispose]();
});

test("refused requests are traced with what they were answered, those of the gateway's own fault as errors", async () => {
  const { collector, bed } = await traced();
  await bed.replica({ infer: () => ({ status: 422, body: '{"error":"no"}' }) });
  await bed.post("/v2/models/model-1/generate", { text_input: "a" }, sampled());
  await bed.post("/model-1", 1, { ...sampled(), authorization: "Bearer wrong" });
  await bed[Symbol.asyncDispose]();
  const requests = collector.spans().filter(({ kind }) => kind === SERVER);
  expect(
    requests.map(({ name, attributes, status }) => [
      name,
      attributes["http.response.status_code"],
      status.code,
    ]),
  ).toEqual([
    ["POST /v2/models/{model}/generate", 422, 0],
    ["POST /{endpoint}", 401, 0],
  ]);
  await collector[Symbol.asyncDispose]();
});

test("a collector that is away costs traces, not answers", async () => {
  const gone = startTestCollector();
  await gone[Symbol.asyncDispose]();
  const bed = await startTestBed(testTable(), Math.random, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${gone.url}/elsewhere`,
  });
  await bed.replica();
  expect((await bed.post("/model-1", 1)).status).toBe(200);
  await bed[Symbol.asyncDispose]();
});
