import { expect, test } from "bun:test";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { echoModel, externalModel, smallNetwork, unaryModel } from "./testing/models.ts";
import { onnxFile } from "./testing/onnx-file.ts";
import { TestServer } from "./testing/test-server.ts";

const whole = smallNetwork();
const noise = Uint8Array.from({ length: 5_000 }, (_, at) => (at * at * 31 + at * 7) % 251);
const failing = onnxFile({
  nodes: [{ op: "Gather", inputs: ["w", "x"], outputs: ["y"] }],
  inputs: [{ name: "x", datatype: "INT64", shape: [1] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [1] }],
  weights: [{ name: "w", shape: [0], values: [] }],
});

test.each([
  ["a file that was cut off", whole.subarray(0, 700), "model.onnx is no ONNX model, or only a part of one."],
  ["random bytes", noise, "model.onnx is no ONNX model, or only a part of one."],
  ["an empty file", new Uint8Array(0), "model.onnx is empty."],
  [
    "an unknown operator",
    unaryModel("Frobnicate", [1]),
    "model.onnx uses the operator Frobnicate (opset 17), which this runtime does not have.",
  ],
  [
    "an opset of the future",
    unaryModel("Neg", [1], { opset: 99 }),
    /model.onnx needs opset 99 of ai.onnx; this runtime knows those up to \d+\./,
  ],
  [
    "a format of the future",
    unaryModel("Neg", [1], { irVersion: 200 }),
    /model.onnx has the ONNX IR version 200; this runtime knows those up to \d+\./,
  ],
  [
    "a datatype that JavaScript lacks",
    echoModel(["BF16"], [1]),
    "model.onnx has an input or output of bfloat16, which can't be served.",
  ],
  ["a model that fails at zeros", failing, /The model was loaded, but does not run: /],
  [
    "no inputs",
    onnxFile({ nodes: [{ op: "RandomNormal", inputs: [], outputs: ["y"] }], inputs: [], outputs: [] }),
    /model/,
  ],
] as [string, Uint8Array, string | RegExp][])("%s", async (_what, bytes, expected) => {
  await using server = TestServer.of(bytes);
  const said = await server.failure();
  expect(said).toMatch(
    typeof expected === "string" ? new RegExp(`^${expected.replace(/[.()]/g, "\\$&")}`) : expected,
  );
  expect(await server.exited).toBe(1);
});

test("weights outside the model's folder are not read, whatever way they are named", async () => {
  const secret = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
  for (const location of [
    "../secret",
    "../../../../../../../../etc/passwd",
    "/etc/passwd",
    "./x/../../secret",
  ]) {
    await using server = new TestServer(
      { "model.onnx": externalModel(location) },
      {
        prepare: (model) => writeFileSync(join(model, "../secret"), secret),
      },
    );
    expect(await server.failure()).toMatch(/weights/);
  }
  await using linked = new TestServer(
    { "model.onnx": externalModel("link") },
    {
      prepare: (model) => {
        writeFileSync(join(model, "../secret"), secret);
        symlinkSync("../secret", join(model, "link"));
      },
    },
  );
  expect(await linked.failure()).toMatch(/weights/);
});

test("weights beside the model are read; missing ones are named as what they are", async () => {
  const weights = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
  await using server = new TestServer({ "model.onnx": externalModel("weights.bin"), "weights.bin": weights });
  await server.ready();
  expect(await server.json({ x: [0, 0, 0, 0] })).toEqual([[200, { y: [1, 2, 3, 4] }]]);
  await using missing = TestServer.of(externalModel("weights.bin"));
  expect(await missing.failure()).toStartWith(
    "model.onnx has its weights in another file, which is missing or too short.",
  );
});

test("a file of 2 GiB is refused before it is read, a missing one with what there is", async () => {
  await using large = new TestServer(
    { "model.onnx": new Uint8Array(1) },
    {
      prepare: (model) => truncateSync(join(model, "model.onnx"), 2 * 1024 ** 3),
    },
  );
  expect(await large.failure()).toContain(
    "an ONNX file holds less than 2 GiB. Save the weights as external data",
  );
  await using missing = new TestServer({ "b.onnx": whole, "a.txt": new Uint8Array(1) });
  expect(await missing.failure()).toBe("There is no file model.onnx. There are: a.txt, b.onnx.");
  await using outside = new TestServer({ "b.onnx": whole }, { file: "../socket" });
  expect(await outside.failure()).toStartWith("There is no file ../socket.");
});
