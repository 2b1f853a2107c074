import { expect, test } from "bun:test";
import { metric, startTestBed, type TestBed, until } from "../testing/test-gateway.ts";
import { KEY, PAIRS, testBinding, testTable } from "../testing/test-table.ts";

const authorization = `Bearer ${KEY}`;
const never = () => new Promise<void>(() => {});
const queued = (bed: TestBed) => metric(bed.gateway.url, /^podium_gateway_queue_depth/);
const within = (ms: string) => ({ authorization, "x-request-timeout-ms": ms });
const tensors = (parameters: object) => ({
  parameters,
  inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }],
});

test("a caller's own time limit is kept, by header or in the body, and is never longer than the endpoint's", async () => {
  await using bed = await startTestBed(testTable({ timeout_ms: 400 }));
  await bed.replica({ onBatch: never });
  const said = async (answer: Promise<Response>) => [(await answer).status, await (await answer).text()];
  expect(await said(bed.post("/model-1", 1, within("120")))).toEqual([
    504,
    expect.stringContaining("time limit of 120 ms"),
  ]);
  expect(await said(bed.post("/model-1", 1, within("60000")))).toEqual([
    504,
    expect.stringContaining("time limit of 400 ms"),
  ]);
  // Triton's: microseconds.
  expect(await said(bed.post("/v2/models/model-1/infer", tensors({ timeout: 150_000 })))).toEqual([
    504,
    expect.stringContaining("time limit of 150 ms"),
  ]);
});

test("a time limit that is none is 400 and never reaches the model", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica();
  for (const bad of ["0", "-5", "soon", "NaN", "Infinity", " "]) {
    const answer = await bed.post("/model-1", 1, within(bad));
    // A header of blanks arrives as an empty one.
    expect([bad, answer.status]).toEqual([bad, 400]);
  }
  for (const timeout of [0, -1, 1.5, "1000", true]) {
    const answer = await bed.post("/v2/models/model-1/infer", tensors({ timeout }));
    expect([timeout, answer.status]).toEqual([timeout, 400]);
    expect(await answer.text()).toContain("microseconds");
  }
  expect(replica.batches).toEqual([]);
});

test("who would wait longer than it can is told so at once; who has time is let in, and keeps its place", async () => {
  await using bed = await startTestBed();
  const replica = await bed.replica({ maxItems: 1, pullsAlways: false, onBatch: () => Bun.sleep(100) });
  // Nothing is known yet, so nobody is refused: 100 ms a row is learnt from eight calls.
  for (let n = 0; n < 8; n += 1) {
    const answer = bed.post("/model-1", n);
    await until(async () => (await queued(bed)) === 1);
    replica.pull();
    expect((await answer).status).toBe(200);
  }
  const first = bed.post("/model-1", "[1,2,3,4,5,6,7,8]");
  await until(async () => (await queued(bed)) === 1);

  const refused = await bed.post("/model-1", "[9]", within("500"));
  const patient = bed.post("/model-1", "[10]", within("9000"));

  expect(refused.status).toBe(429);
  const { detail, details } = (await refused.json()) as {
    detail: string;
    details: { expected_ms: number; retry_after_seconds: number };
  };
  expect(detail).toMatch(/8 rows wait .* it allows 500 ms/);
  expect(details.expected_ms).toBeGreaterThan(500);
  expect(Number(refused.headers.get("retry-after"))).toBe(Math.ceil(details.expected_ms / 1000));
  await until(async () => (await queued(bed)) === 2);
  for (let n = 0; n < 3; n += 1) replica.pull();
  expect([(await first).status, (await patient).status]).toEqual([200, 200]);
});

test("behind nobody, a caller with little time is let in: what was slow once may be fast now", async () => {
  await using bed = await startTestBed();
  const delays = [400, 0];
  await bed.replica({ onBatch: () => Bun.sleep(delays.shift() ?? 0) });
  expect((await bed.post("/model-1", 1)).status).toBe(200);
  expect((await bed.post("/model-1", 2, within("200"))).status).toBe(200);
});

test("parameters are told to a model that asks for them, and to no other", async () => {
  await using bed = await startTestBed(
    testTable({ bindings: [testBinding(1, { signature: { ...PAIRS, parameters: "shared" } })] }),
  );
  const replica = await bed.replica({
    pullsAlways: false,
    signature: { ...PAIRS, parameters: "shared" },
    infer: () => ({
      status: 200,
      body: new Uint8Array(4),
      outputs: [{ name: "y", datatype: "FP32", shape: [1], length: 4 }],
    }),
  });
  const infer = (parameters: string, own = "{}") =>
    bed.post(
      "/v2/models/model-1/infer",
      `{"parameters":${parameters},"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2],"parameters":${own}}]}`,
    );
  const answers = [
    infer('{"b": true, "a": 9007199254740993, "binary_data_output": false}'),
    infer('{"a": 9007199254740993, "b": true, "timeout": 5000000}'),
    infer('{"a": 9007199254740992, "b": true}'),
    infer("{}", '{"unit": "mm"}'),
    infer("{}"),
  ];
  await until(async () => (await queued(bed)) === answers.length);
  for (const _ of answers) replica.pull();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const told = replica.batches.map(({ items }) =>
    items.map(({ parameters, inputs }) => [parameters, inputs?.[0]?.parameters]),
  );
  expect(told.sort()).toEqual(
    [
      [
        ['{"a":9007199254740993,"b":true}', undefined],
        ['{"a":9007199254740993,"b":true}', undefined],
      ],
      [['{"a":9007199254740992,"b":true}', undefined]],
      [[undefined, '{"unit":"mm"}']],
      [[undefined, undefined]],
    ].sort(),
  );
});

test("a model that is told each row's own parameters gets different ones in one batch; V1 has them too", async () => {
  const signature = { ...PAIRS, parameters: "each" as const };
  await using bed = await startTestBed(testTable({ bindings: [testBinding(1, { signature })] }));
  const replica = await bed.replica({ pullsAlways: false, signature });
  const ask = (n: number) =>
    bed.post("/v1/models/model-1:predict", { instances: [n], parameters: { scale: n } });
  const answers = [ask(1), ask(2), ask(3)];
  await until(async () => (await queued(bed)) === 3);
  replica.pull();
  await Promise.all(answers);
  expect(replica.batches[0]?.items.map(({ parameters }) => parameters).sort()).toEqual([
    '{"scale":1}',
    '{"scale":2}',
    '{"scale":3}',
  ]);
});
