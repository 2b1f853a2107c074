import { expect, test } from "bun:test";
import type { BatchItem, ModelSignature } from "@podium/shared";
import { startTestBed, type TestBed } from "../../testing/test-gateway.ts";
import type { Answer, Infer, TestReplica } from "../../testing/test-replica.ts";
import { testBinding, testTable } from "../../testing/test-table.ts";

const ANSWER: Answer = {
  status: 200,
  body: Buffer.concat([
    new Uint8Array(new BigInt64Array([2n ** 63n - 1n]).buffer),
    new Uint8Array(new Float32Array([0.5]).buffer),
  ]),
  outputs: [
    { name: "y", datatype: "INT64", shape: [1], length: 8 },
    { name: "z", datatype: "FP32", shape: [1], length: 4 },
  ],
};
const Y = '{"name":"y","datatype":"INT64","shape":[1],"data":[9223372036854775807]}';
const Z = '{"name":"z","datatype":"FP32","shape":[1],"data":[0.5]}';
const URL = "/v2/models/model-1/infer";
const ANY = -1;

interface Seen {
  item: BatchItem;
  bytes: Uint8Array;
}

/** A test bed whose model takes `inputs` and keeps what it was given. */
async function bedFor(
  inputs: ModelSignature["inputs"],
  run: (bed: TestBed, seen: Seen[], replica: TestReplica) => Promise<void>,
) {
  const outputs: ModelSignature["outputs"] = [
    { name: "y", datatype: "INT64", shape: [ANY] },
    { name: "z", datatype: "FP32", shape: [ANY] },
  ];
  const signature = { inputs, outputs, batch: true };
  await using bed = await startTestBed(testTable({ bindings: [testBinding(1, { signature })] }));
  const seen: Seen[] = [];
  const infer: Infer = (body, item) => {
    seen.push({ item, bytes: body.slice() });
    return ANSWER;
  };
  await run(bed, seen, await bed.replica({ signature, infer }));
}

const u64 = (...values: bigint[]) => new Uint8Array(new BigUint64Array(values).buffer);
const i64 = (...values: bigint[]) => new Uint8Array(new BigInt64Array(values).buffer);

/** datatype, the elements as JSON text, their bytes as the specification lays them out, and elements that do not fit */
const datatypes: [string, string, number[] | Uint8Array, string[]][] = [
  ["BOOL", "[true,false]", [1, 0], ["[1,0]", '["true",true]', "[null,true]"]],
  ["UINT8", "[0,255]", [0, 255], ["[0,256]", "[-1,0]", "[0.5,1]", '["1",2]', "[true,1]"]],
  ["UINT16", "[1,65535]", [1, 0, 255, 255], ["[0,65536]", "[-1,0]"]],
  [
    "UINT32",
    "[1,4294967295]",
    [1, 0, 0, 0, 255, 255, 255, 255],
    ["[0,4294967296]", "[0,18446744073709551615]"],
  ],
  [
    "UINT64",
    "[9007199254740993,18446744073709551615]",
    u64(2n ** 53n + 1n, 2n ** 64n - 1n),
    ["[0,18446744073709551616]", "[-1,0]", "[1.5,0]"],
  ],
  ["INT8", "[-128,127]", [128, 127], ["[-129,0]", "[0,128]"]],
  ["INT16", "[-32768,32767]", [0, 128, 255, 127], ["[0,32768]"]],
  ["INT32", "[-2147483648,2147483647]", [0, 0, 0, 128, 255, 255, 255, 127], ["[0,2147483648]", "[1e3,1.5]"]],
  [
    "INT64",
    "[-9223372036854775808,9223372036854775807]",
    i64(-(2n ** 63n), 2n ** 63n - 1n),
    ["[9223372036854775808,0]", "[0,-9223372036854775809]", "[1e300,0]"],
  ],
  ["FP32", "[1.5,-2]", [0, 0, 192, 63, 0, 0, 0, 192], ["[1e39,0]", '["1",0]', "[null,0]", "[1e999,0]"]],
  [
    "FP64",
    "[0.1,9007199254740992]",
    new Uint8Array(new Float64Array([0.1, 2 ** 53]).buffer),
    ["[1e999,0]", "[true,0]"],
  ],
  ["BYTES", '["a","héé"]', [1, 0, 0, 0, 97, 5, 0, 0, 0, 104, 195, 169, 195, 169], ["[1,2]", '["a",null]']],
];

for (const [datatype, elements, bytes, misfits] of datatypes) {
  test(`${datatype}: exact little-endian bytes reach the model, flat or nested; what does not fit is 400`, async () => {
    const inputs: ModelSignature["inputs"] = [{ name: "x", datatype: datatype as "FP32", shape: [ANY, ANY] }];
    await bedFor(inputs, async (bed, seen) => {
      const tensor = (data: string, shape = "[1,2]") =>
        `{"inputs":[{"name":"x","datatype":"${datatype}","shape":${shape},"data":${data}}]}`;
      const nestedByRow = `[${elements}]`;
      const nestedByColumn = elements.replace(/^\[(.*),([^,]*)\]$/, "[[$1],[$2]]");
      const forms = [
        tensor(elements),
        tensor(nestedByRow),
        tensor(elements, "[2,1]"),
        tensor(nestedByColumn, "[2,1]"),
      ];
      for (const form of forms) expect((await bed.post(URL, form)).status).toBe(200);

      expect(seen.map((one) => [...one.bytes])).toEqual(forms.map(() => [...bytes]));
      expect(seen[0]?.item).toEqual({
        kind: "tensors",
        length: bytes.length,
        inputs: [{ name: "x", datatype, shape: [1, 2], length: bytes.length }],
      });
      for (const misfit of misfits)
        await expectError(await bed.post(URL, tensor(misfit)), 400, /input 'x'.*element [01]/);
    });
  });
}

const X: ModelSignature["inputs"][number] = { name: "x", datatype: "FP32", shape: [ANY, 2] };
const x = (change: object = {}) => ({ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2], ...change });

/** `[[[…]]]` */
function deep(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

/** what is wrong, the body, what the message says */
const wrong: [string, unknown, RegExp][] = [
  ["no JSON", "{", /not JSON/],
  ["an empty body", "", /not JSON/],
  ["a list", [], /JSON object/],
  ["no inputs", {}, /inputs/],
  ["an empty list of inputs", { inputs: [] }, /inputs/],
  ["an id that is no text", { id: 7, inputs: [x()] }, /id/],
  ["an input that is no object", { inputs: [3] }, /inputs\[0\]/],
  ["an input without a name", { inputs: [x({ name: "" })] }, /name/],
  ["an unknown input", { inputs: [x(), x({ name: "w" })] }, /'w' is unknown; the model takes 'x'/],
  ["a missing input", { inputs: [x({ name: "w" })] }, /'x' is missing/],
  ["an input twice", { inputs: [x(), x()] }, /'x' is given more than once/],
  [
    "an output twice",
    { inputs: [x()], outputs: [{ name: "y" }, { name: "y" }] },
    /'y' is named more than once/,
  ],
  [
    "a classification",
    { inputs: [x()], outputs: [{ name: "y", parameters: { classification: 1 } }] },
    /'y'.*not supported/,
  ],
  ["shared memory", { inputs: [x({ parameters: { shared_memory_region: "a" } })] }, /'x'.*shared memory/],
  [
    "a flag that is none",
    { inputs: [x()], parameters: { binary_data_output: 1 } },
    /binary_data_output must be true or false/,
  ],
  ["rows that no byte pays for", { inputs: [x({ shape: [2 ** 31, 0], data: [] })] }, /too many elements/],
  ["too many inputs", { inputs: Array(1_001).fill(x()) }, /1001 tensors/],
  ["an unknown datatype", { inputs: [x({ datatype: "FLOAT" })] }, /datatype must be one of/],
  ["BF16 in JSON", { inputs: [x({ datatype: "BF16" })] }, /BF16 has no JSON form/],
  ["another datatype than the model's", { inputs: [x({ datatype: "FP64" })] }, /must be FP32, not FP64/],
  ["FP16 in JSON", { inputs: [x({ datatype: "FP16" })] }, /FP16 has no JSON form/],
  ["another shape than the model's", { inputs: [x({ shape: [2] })] }, /must have shape \[-1,2\]/],
  [
    "another size than the model's",
    { inputs: [x({ shape: [1, 3], data: [1, 2, 3] })] },
    /'x' must have shape \[-1,2\].*dimension 1 is expected to be 2, got 3/,
  ],
  ["a negative size", { inputs: [x({ shape: [-1, 2] })] }, /dimension 0 of shape must be an integer from 0/],
  [
    "a fractional size",
    { inputs: [x({ shape: [0.5, 2] })] },
    /dimension 0 of shape must be an integer from 0/,
  ],
  [
    "an absurd size",
    { inputs: [x({ shape: [1, 1e18] })] },
    /dimension 1 of shape must be an integer from 0 .*got 1000000000000000000/,
  ],
  [
    "sizes that multiply to an absurd number",
    { inputs: [x({ shape: [100_000, 100_000] })] },
    /too many elements/,
  ],
  ["absurdly many dimensions", { inputs: [x({ shape: Array(100).fill(1) })] }, /dimensions/],
  ["a shape that is no list", { inputs: [x({ shape: 2 })] }, /shape must be a list/],
  ["fewer elements than the shape has", { inputs: [x({ data: [1] })] }, /takes 2 elements, data has 1/],
  ["more elements than the shape has", { inputs: [x({ data: [1, 2, 3] })] }, /takes 2 elements, data has 3/],
  ["rows of different lengths", { inputs: [x({ shape: [2, 2], data: [[1, 2], [3]] })] }, /nested/],
  ["data nested deeper than the shape", { inputs: [x({ data: [[[1], [2]]] })] }, /element 0/],
  ["data nested as deep as a stack", { inputs: [x({ data: [1, deep(4_000)] })] }, /element 1 \(a list\)/],
  ["data that is no list", { inputs: [x({ data: 5 })] }, /data must be a list/],
  ["no data", { inputs: [x({ data: undefined })] }, /data must be a list/],
  [
    "data and binary data",
    { inputs: [x({ parameters: { binary_data_size: 8 } })] },
    /both data and binary_data_size/,
  ],
  [
    "binary data without its header",
    { inputs: [x({ data: undefined, parameters: { binary_data_size: 8 } })] },
    /no Inference-Header-Content-Length/,
  ],
  ["parameters that are no object", { parameters: [1], inputs: [x()] }, /parameters must be an object/],
  ["a parameter that is a list", { parameters: { a: [] }, inputs: [x()] }, /parameters\.a/],
  [
    "an unknown output",
    { inputs: [x()], outputs: [{ name: "w" }] },
    /'w' is unknown; the model gives 'y', 'z'/,
  ],
  ["outputs that are no list", { inputs: [x()], outputs: "y" }, /outputs must be a list/],
];

test("every wrong request is 400 with {error} that says what is wrong, and never reaches the model", () =>
  bedFor([X], async (bed, seen) => {
    for (const [what, body, message] of wrong) {
      expect({ what, ...(await errorOf(await bed.post(URL, body))) }).toEqual({
        what,
        status: 400,
        error: expect.stringMatching(message),
      });
    }
    const broken = await fetch(bed.gateway.url + URL, {
      method: "POST",
      body: new Uint8Array([0x22, 0xff, 0x22]),
      headers: { "x-api-key": "pdk_of-the-test" },
    });
    await expectError(broken, 400, /not JSON/);
    expect(seen).toEqual([]);
  }));

test("the answer names model and version, echoes the id, and passes outputs on digit by digit", () =>
  bedFor([X], async (bed) => {
    const whole = await bed.post(URL, { id: 'a "quoted" id', inputs: [x()] });
    expect(await whole.text()).toBe(
      `{"model_name":"model-1","model_version":"1","id":"a \\"quoted\\" id","outputs":[${Y},${Z}]}`,
    );
    expect(whole.headers.get("content-type")).toBe("application/json");

    const part = await bed.post("/v2/models/model-1/versions/1/infer", {
      inputs: [x()],
      outputs: [{ name: "z" }, { name: "y" }],
    });
    expect(await part.text()).toBe(`{"model_name":"model-1","model_version":"1","outputs":[${Z},${Y}]}`);
  }));

test("several inputs reach the model in its own order; an empty batch is a batch", () =>
  bedFor([X, { name: "w", datatype: "BYTES", shape: [ANY] }], async (bed, seen) => {
    const w = { name: "w", datatype: "BYTES", shape: [1], data: ["ab"] };
    expect((await bed.post(URL, { inputs: [w, x()] })).status).toBe(200);
    expect(seen[0]?.item.inputs?.map(({ name, length }) => [name, length])).toEqual([
      ["x", 8],
      ["w", 6],
    ]);
    expect([...(seen[0]?.bytes ?? [])].slice(8)).toEqual([2, 0, 0, 0, 97, 98]);
    const none = [x({ shape: [0, 2], data: [] }), { ...w, shape: [0], data: [] }];
    expect((await bed.post(URL, { inputs: none })).status).toBe(200);
    expect(seen[1]?.item.length).toBe(0);
  }));

test("only compatible calls share a batch", () =>
  bedFor([{ name: "x", datatype: "FP32", shape: [ANY, ANY] }], async (bed, _seen, replica) => {
    const wide = x({ shape: [1, 3], data: [1, 2, 3] });
    const requests = [
      { inputs: [x()] },
      { inputs: [wide] },
      { inputs: [x()], parameters: { top: 1 } },
      { inputs: [x()] },
    ];
    const answers = await Promise.all(
      [...requests, ...requests, ...requests].map((body) => bed.post(URL, body)),
    );
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    for (const { items } of replica.batches) {
      expect(new Set(items.map((item) => item.inputs?.[0]?.shape[1])).size).toBe(1);
    }
  }));

test("server and model say what they are, on every spelling of their paths", () =>
  bedFor([X], async (bed) => {
    for (const path of ["/v2", "/v2/"]) {
      const server = await bed.get(path, {});
      expect([server.status, await server.json()]).toEqual([
        200,
        {
          name: "podium",
          version: expect.any(String),
          extensions: expect.arrayContaining(["binary_tensor_data"]),
        },
      ]);
    }
    for (const path of ["/v2/health/live", "/v2/health/ready"])
      expect((await bed.get(path, {})).status).toBe(200);
    for (const path of ["/v2/models/model-1", "/v2/models/model-1/versions/1", "/v2/models/model-1/"]) {
      expect(await (await bed.get(path)).json()).toEqual({
        name: "model-1",
        versions: ["1"],
        platform: "podium",
        inputs: [X],
        outputs: [
          { name: "y", datatype: "INT64", shape: [-1] },
          { name: "z", datatype: "FP32", shape: [-1] },
        ],
      });
      expect((await bed.get(`${path.replace(/\/$/, "")}/ready`)).status).toBe(200);
    }
  }));

test("a model without a replica is not ready, and unknown models, versions and paths are 404 with {error}", async () => {
  await using bed = await startTestBed();
  for (const path of ["/v2/models/model-1/ready", "/v1/models/model-1"]) {
    const answer = await bed.get(path);
    expect([answer.status, await answer.json()]).toEqual([503, { name: "model-1", ready: false }]);
  }
  for (const path of [
    "/v2/models/nope",
    "/v2/models/nope/ready",
    "/v2/models/model-1/versions/9",
    "/v2/nowhere",
  ]) {
    await expectError(await bed.get(path), 404, /nope|'9'|nowhere/);
  }
  await expectError(await bed.post("/v2/models/model-1/versions/9/infer", { inputs: [x()] }), 404, /'9'/);
  await expectError(await bed.post(URL, { inputs: [x()] }, {}), 401, /key/);
});

test("KServe V1: instances in, predictions out, integers exact; errors as {error}", async () => {
  await using bed = await startTestBed();
  await bed.replica({
    infer: (body) =>
      body.byteLength > 2 ? { status: 200, body } : { status: 422, body: '{"error":"no rows"}' },
  });
  const predict = (body: unknown) => bed.post("/v1/models/model-1:predict", body);
  expect(await (await predict('{"instances": [9223372036854775807, {"a": 1}]}')).text()).toBe(
    '{"predictions":[9223372036854775807,{"a":1}]}',
  );
  await expectError(await predict({ instances: [] }), 422, /no rows/);
  await expectError(await predict({ instances: 5 }), 400, /instances/);
  for (const levels of [10_000, 400_000]) {
    const answer = await predict(`{"instances": [${"[".repeat(levels)}${"]".repeat(levels)}]}`);
    await expectError(answer, 400, /nested|JSON/);
  }
  await expectError(await bed.post("/v1/models/nope:predict", { instances: [] }), 404, /nope/);
  await expectError(await bed.post("/v1/models/model-1:explain", {}), 404, /explain/);
  expect(await (await bed.get("/v1/models/model-1")).json()).toEqual({ name: "model-1", ready: true });
});

async function errorOf(response: Response) {
  const body = (await response.json()) as { error: string };
  return { status: response.status, ...body };
}

async function expectError(response: Response, status: number, message: RegExp) {
  expect(await errorOf(response)).toEqual({ status, error: expect.stringMatching(message) });
}
