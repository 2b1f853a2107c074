import { expect, test } from "bun:test";
import { echoModel, SERVED_DATATYPES, smallNetwork, sumModel, unaryModel } from "./testing/models.ts";
import { TestServer } from "./testing/test-server.ts";

const floats = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);
const readFloats = (bytes: Uint8Array) => [...new Float32Array(new Uint8Array(bytes).buffer)];
const tensor = (shape: number[], bytes: Uint8Array, name = "x", datatype = "FP32") => ({
  item: { kind: "tensors" as const, inputs: [{ name, datatype, shape, length: bytes.byteLength }] },
  bytes,
});
const message = (answer: { bytes: Uint8Array } | undefined) =>
  (JSON.parse(Buffer.from(answer?.bytes ?? []).toString()) as { error: string }).error;

test("the signature is the file's own: names, datatypes, sizes, -1 where any size will do", async () => {
  await using server = TestServer.of(echoModel(SERVED_DATATYPES, ["N", 2]));
  const { inputs, outputs, batch, platform } = await server.ready();
  expect(inputs).toEqual(
    SERVED_DATATYPES.map((datatype) => ({
      name: `x_${datatype}`,
      datatype,
      shape: [-1, 2] as number[],
    })) as never,
  );
  expect(outputs.map(({ name }) => name)).toEqual(SERVED_DATATYPES.map((datatype) => `y_${datatype}`));
  expect([batch, platform]).toEqual([true, "onnxruntime_onnx"]);
  expect(server.output).toContain("runs on the CPU, 1 thread(s)");
});

test("rows of many calls are one run, and each call gets its own; a bad one fails alone", async () => {
  await using server = TestServer.of(smallNetwork());
  await server.ready();
  const row = (start: number) => Array.from({ length: 16 }, (_, at) => start + at / 16);
  const alone = await server.batch([tensor([1, 16], floats(...row(1)))]);
  const answers = await server.batch([
    tensor([2, 16], floats(...row(0), ...row(1))),
    tensor([1, 8], floats(...row(1).slice(8))),
    tensor([0, 16], floats()),
    tensor([1, 16], floats(...row(1))),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 200]);
  expect(answers.map(({ outputs }) => outputs?.[0]?.shape)).toEqual([[2, 1], undefined, [0, 1], [1, 1]]);
  expect(message(answers[1])).toBe(
    "input 'x' must have shape [-1,16] (-1: any size), not [1,8]: dimension 1 is expected to be 16, got 8",
  );
  const [expected = 0] = readFloats(alone[0]?.bytes ?? floats());
  expect(expected).not.toBe(0);
  expect(readFloats(answers[3]?.bytes ?? floats())[0]).toBeCloseTo(expected, 4);
  expect(readFloats(answers[0]?.bytes ?? floats())[1]).toBeCloseTo(expected, 4);
});

test("a model whose first dimension is fixed answers call by call", async () => {
  await using server = TestServer.of(unaryModel("Neg", [1, 2]));
  expect(await server.ready()).toMatchObject({ batch: false, inputs: [{ shape: [1, 2] }] });
  const answers = await server.batch([
    tensor([1, 2], floats(1, 2)),
    tensor([1, 2], floats(3, 4)),
    tensor([2, 2], floats(1, 2, 3, 4)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
  expect(answers.slice(0, 2).map(({ bytes }) => readFloats(bytes))).toEqual([
    [-1, -2],
    [-3, -4],
  ]);
});

test("where a row's answer depends on the other rows, those of different callers never meet", async () => {
  await using server = TestServer.of(unaryModel("Softmax", ["N", 2], { attributes: { axis: 0 } }));
  expect((await server.ready()).batch).toBe(false);
  expect(server.output).toContain(
    "calls are answered one by one: output 'y' of a row depends on the other rows",
  );
  const answers = await server.batch([tensor([1, 2], floats(1, 2)), tensor([2, 2], floats(1, 1, 1, 1))]);
  expect(answers.map(({ bytes }) => readFloats(bytes))).toEqual([
    [1, 1],
    [0.5, 0.5, 0.5, 0.5],
  ]);
});

test("an open dimension that is not the rows' is not taken for it", async () => {
  await using server = TestServer.of(unaryModel("Transpose", ["N", "M"], { output: ["M", "N"] }));
  expect((await server.ready()).batch).toBe(false);
  const [answer] = await server.batch([tensor([1, 3], floats(1, 2, 3))]);
  expect(answer?.outputs?.[0]?.shape).toEqual([3, 1]);
});

test("images of open size are tried with larger ones, as 1 × 1 is too small for their windows", async () => {
  const windows = { attributes: {}, output: ["N", 1, "h", "w"] };
  await using server = TestServer.of(unaryModel("GlobalMaxPool", ["N", 1, "H", "W"], windows));
  expect((await server.ready()).inputs[0]?.shape).toEqual([-1, 1, -1, -1]);
});

test("text goes through; what its texts can't hold is refused, not cut off", async () => {
  await using server = TestServer.of(echoModel(["BYTES"], ["N"]));
  await server.ready();
  const texts = (...elements: string[]) =>
    Buffer.concat(
      elements.flatMap((text) => [
        Buffer.from(new Uint32Array([Buffer.byteLength(text)]).buffer),
        Buffer.from(text),
      ]),
    );
  const text = (bytes: Buffer, rows: number) => tensor([rows], bytes, "x_BYTES", "BYTES");
  const answers = await server.batch([
    text(texts("", "héé ☃", '{"a": [1]}'), 3),
    text(texts("a\0b"), 1),
    text(Buffer.concat([texts("x").subarray(0, 4), Buffer.from([0xff])]), 1),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 400]);
  expect(answers[0]?.bytes).toEqual(texts("", "héé ☃", '{"a": [1]}'));
  const together = await server.batch([
    text(texts("a", "", "☃☃"), 3),
    text(texts(), 0),
    text(texts("bcd"), 1),
  ]);
  expect(together.map(({ bytes }) => bytes)).toEqual([texts("a", "", "☃☃"), texts(), texts("bcd")]);
  expect(message(answers[1])).toBe(
    "input 'x_BYTES': element 0 holds a NUL character, which texts of ONNX models can't have",
  );
  expect(message(answers[2])).toBe("input 'x_BYTES': element 0 is not UTF-8 text");
});

test("what the model fails at is 422 with its reason, once in the log, and it serves on", async () => {
  await using server = TestServer.of(unaryModel("Reshape", ["N", 2]));
  // A reshape needs its second input: the file is wrong in itself.
  expect(await server.failure()).toContain("can't be loaded");
  await using sum = TestServer.of(sumModel());
  await sum.ready();
  const both = (rows: number, other: number) => ({
    item: {
      kind: "tensors" as const,
      inputs: [
        { name: "a", datatype: "FP32", shape: [rows, 3], length: rows * 12 },
        { name: "b", datatype: "FP32", shape: [other, 3], length: other * 12 },
      ],
    },
    bytes: new Uint8Array((rows + other) * 12),
  });
  const answers = await sum.batch([both(2, 2), both(2, 3), both(1, 1)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 200]);
  expect(message(answers[1])).toMatch(/^The model failed: .*2 by 3/);
  expect(sum.output.match(/a request failed/g)).toHaveLength(1);
});

test("a runner that was restarted finds it again; told to stop, it answers what it has and ends", async () => {
  await using server = TestServer.of(smallNetwork());
  await server.ready();
  server.breakConnection();
  const seen = () => server.frames.filter(({ type }) => type === "ready").length;
  while (seen() < 2) await Bun.sleep(20);
  const answers = server.batch([tensor([1, 16], new Uint8Array(64))]);
  server.send({ type: "stop", reason: "unbound", grace_ms: 1000 });
  expect((await answers)[0]?.status).toBe(200);
  expect(await server.exited).toBe(0);
  expect(server.frames.some(({ type }) => type === "nothing_to_save")).toBe(true);
});

test("a streamed answer is one piece", async () => {
  await using server = TestServer.of(smallNetwork());
  await server.ready();
  const body = Buffer.from(JSON.stringify({ x: Array(16).fill(0) }));
  const [end] = await server.batch([{ item: { kind: "json", stream: true }, bytes: body }]);
  expect(end).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
  expect(server.frames.filter(({ type }) => type === "chunk")).toHaveLength(1);
});
