import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { ModelSignature } from "@podium/shared";
import { startTestBed, type TestBed } from "../../testing/test-gateway.ts";
import type { Infer } from "../../testing/test-replica.ts";
import { KEY, testBinding, testTable } from "../../testing/test-table.ts";

const PATH = "/v2/models/model-1/infer";
const SIGNATURE: ModelSignature = {
  inputs: [
    { name: "x", datatype: "FP32", shape: [-1, 2] },
    { name: "t", datatype: "BYTES", shape: [-1] },
  ],
  outputs: [
    { name: "x", datatype: "FP32", shape: [-1, 2] },
    { name: "t", datatype: "BYTES", shape: [-1] },
  ],
  batch: true,
};
const echo: Infer = (body, item) => ({ status: 200, body, outputs: item.inputs ?? [] });

interface Request {
  json: string;
  tail: Uint8Array;
  headers: Record<string, string>;
}

/** Numbers that come out the same each time. */
function sequence(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
type Pick = ReturnType<typeof sequence>;

const tail = Buffer.concat([
  new Uint8Array(new Float32Array([1, 2]).buffer),
  new Uint8Array(new Uint32Array([2]).buffer),
  Buffer.from("ok"),
]);
const binaryInput = (name: string, datatype: string, shape: unknown, size: unknown) => ({
  name,
  datatype,
  shape,
  parameters: { binary_data_size: size },
});
const good = () => ({
  parameters: { binary_data_output: true },
  inputs: [binaryInput("x", "FP32", [1, 2], 8), binaryInput("t", "BYTES", [1], 6)],
});
const written = (document: unknown, more: Partial<Request> = {}): Request => ({
  json: JSON.stringify(document),
  tail,
  headers: {},
  ...more,
});

const ODD_VALUES: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e18,
  1e300,
  "",
  "x",
  [],
  {},
  [[]],
  [-1],
  [1e9, 1e9],
  "😀",
];
const ODD_LENGTHS = [
  "-1",
  "1e3",
  "0x10",
  "abc",
  "",
  " ",
  "99999999999999999999",
  "18446744073709551616",
  "1.5",
  "1,2",
];

/** Ways to spoil a good request. */
const ATTACKS: ((pick: Pick) => Request)[] = [
  // any member, at any depth, is something else
  (pick) => {
    const document = good();
    spoil(document, pick);
    return written(document);
  },
  (pick) => written({ ...good(), inputs: [...good().inputs, good().inputs[pick(2)]] }),
  (pick) => written({ ...good(), inputs: good().inputs.slice(pick(2), 1) }),
  (pick) =>
    written({ ...good(), outputs: [{ name: "x", parameters: { binary_data: ODD_VALUES[pick(15)] } }] }),
  // bytes: fewer, more, others
  (pick) => written(good(), { tail: tail.subarray(0, pick(tail.byteLength)) }),
  (pick) => written(good(), { tail: Buffer.concat([tail, new Uint8Array(1 + pick(100))]) }),
  (pick) => written(good(), { tail: flipped(tail, pick) }),
  // the header does not say where the JSON ends
  (pick) => written(good(), { headers: { "inference-header-content-length": ODD_LENGTHS[pick(10)] ?? "" } }),
  (pick) => written(good(), { headers: { "inference-header-content-length": String(pick(400)) } }),
  // JSON that is cut, damaged or too deep
  (pick) => written(good(), { json: JSON.stringify(good()).slice(0, pick(150)) }),
  (pick) => written(good(), { json: flipped(Buffer.from(JSON.stringify(good())), pick).toString("latin1") }),
  (pick) => written(good(), { json: `{"inputs":${"[".repeat(pick(50_000))}` }),
  (pick) => written(good(), { json: `{"inputs":${"[".repeat(20_000)}${"]".repeat(20_000 + pick(2))}}` }),
  // codings that are not what they say
  (pick) =>
    written(good(), {
      headers: { "content-encoding": ["gzip", "deflate", "br", "x", "gzip, gzip"][pick(5)] ?? "" },
    }),
];

test("hundreds of malformed requests: each is refused or answered at once, none is a fault, and good ones go on", async () => {
  const binding = testBinding(1, { signature: SIGNATURE });
  await using bed = await startTestBed(testTable({ bindings: [binding] }));
  await bed.replica({ signature: SIGNATURE, infer: echo });
  const pick = sequence(20_261);
  const statuses = new Map<number, number>();
  for (let round = 0; round < 50; round += 1) {
    const requests = ATTACKS.map((attack) => attack(pick));
    await Promise.all(
      requests.map(async (request) => {
        const { status, error } = await send(bed, request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const said = status === 200 || (status >= 400 && status < 500 && error.length > 10);
        if (!said) throw new Error(`${status} ${error} for ${JSON.stringify(request).slice(0, 1_000)}`);
      }),
    );
    expect((await send(bed, written(good()))).status).toBe(200);
  }
  expect(statuses.get(400)).toBeGreaterThan(400);
}, 60_000);

test("damaged JSON on the other paths: the same", async () => {
  await using bed = await startTestBed();
  const infer: Infer = (body) => ({ status: 200, body: body.byteLength % 2 ? '"text"' : body });
  await bed.replica({ infer });
  const pick = sequence(7);
  const bodies: [string, string][] = [
    ["/v1/models/model-1:predict", '{"instances":[{"a":12345678901234567890},[1,"b"]]}'],
    ["/v2/models/model-1/generate", '{"text_input":"a","parameters":{"top":1},"id":"1"}'],
    ["/v2/models/model-1/generate_stream", '{"text_input":"a","parameters":{"top":1},"id":"1"}'],
  ];
  for (let round = 0; round < 60; round += 1) {
    await Promise.all(
      bodies.map(async ([path, good]) => {
        const document = JSON.parse(good) as Record<string, unknown>;
        spoil(document, pick);
        const body = pick(2) ? flipped(Buffer.from(good), pick) : JSON.stringify(document);
        const headers = { authorization: `Bearer ${KEY}` };
        const signal = AbortSignal.timeout(20_000);
        const answer = await fetch(bed.gateway.url + path, { method: "POST", body, headers, signal });
        const text = await answer.text();
        const said =
          answer.status === 200 || (answer.status >= 400 && answer.status < 500 && text.length > 20);
        if (!said) throw new Error(`${path} ${answer.status} ${text} for ${body}`);
      }),
    );
  }
}, 60_000);

test("a body that unpacks to more than the endpoint takes is 413, however small it came", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  const headers = { authorization: `Bearer ${KEY}`, "content-encoding": "gzip" };
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  for (const path of [PATH, "/model-1", "/v1/models/model-1:predict"]) {
    const answer = await fetch(bed.gateway.url + path, { method: "POST", body: bomb, headers });
    expect([path, answer.status]).toEqual([path, 413]);
  }
});

test("callers that break off within a body leave nothing behind", async () => {
  await using bed = await startTestBed();
  await bed.replica({ infer: echo });
  const { hostname, port } = new URL(bed.gateway.url);
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const socket = await Bun.connect({ hostname, port: Number(port), socket: { data() {} } });
      socket.write(
        `POST ${PATH} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 1000\r\n`,
      );
      socket.write(`Inference-Header-Content-Length: 100\r\n\r\n${"{".repeat(index * 20)}`);
      socket.flush();
      await Bun.sleep(20);
      socket.terminate();
    }),
  );
  const x = { name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] };
  expect((await bed.post(PATH, { inputs: [x] })).status).toBe(200);
});

test("a replica that describes its answer wrongly is the model's error, told to its caller alone", async () => {
  await using bed = await startTestBed();
  const y = { name: "y", datatype: "FP32", shape: [1], length: 4 };
  const wrong: unknown[] = [
    undefined,
    [],
    "y",
    [null],
    [{ ...y, shape: [2] }],
    [{ ...y, length: 5 }],
    [{ ...y, length: -4 }],
  ];
  wrong.push(
    [{ ...y, datatype: "FP33" }],
    [{ ...y, shape: [-1] }],
    [y, y],
    [{ ...y, shape: "1" }],
    [{ ...y, name: 1 }],
  );
  const infer: Infer = () => ({ status: 200, body: new Uint8Array(4), outputs: wrong.shift() as never });
  await bed.replica({ infer, maxItems: 1 });
  const x = { name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] };
  for (let left = wrong.length; left > 0; left -= 1) {
    const answer = await bed.post(PATH, { inputs: [x] });
    expect([left, answer.status]).toEqual([left, 422]);
    expect(await answer.text()).toContain("not made of tensors");
  }
});

async function send(bed: TestBed, { json, tail, headers }: Request) {
  const head = Buffer.from(json);
  const response = await fetch(bed.gateway.url + PATH, {
    method: "POST",
    body: Buffer.concat([head, tail]),
    headers: {
      authorization: `Bearer ${KEY}`,
      "inference-header-content-length": String(head.byteLength),
      ...headers,
    },
    // Far above what a refusal takes: a request that hangs fails the test.
    signal: AbortSignal.timeout(20_000),
  });
  const body = await response.text();
  return { status: response.status, error: response.ok ? "" : (JSON.parse(body) as { error: string }).error };
}

/** Puts an odd value in some place of a document. */
function spoil(part: Record<string, unknown>, pick: Pick) {
  const names = Object.keys(part);
  const name = names[pick(names.length)] ?? "";
  const inner = part[name];
  if (typeof inner === "object" && inner !== null && pick(3) > 0)
    spoil(inner as Record<string, unknown>, pick);
  else part[name] = ODD_VALUES[pick(ODD_VALUES.length)];
}

function flipped(bytes: Uint8Array, pick: Pick): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes);
  for (let flips = 1 + pick(3); flips > 0; flips -= 1) copy[pick(copy.byteLength)] = pick(256);
  return copy;
}
