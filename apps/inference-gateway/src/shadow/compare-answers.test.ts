import { expect, test } from "bun:test";
import type { TensorPart } from "@podium/shared";
import { compareAnswers } from "./compare-answers.ts";

const json = (value: unknown) => ({
  answer: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
  outputs: undefined,
});
const compare = (a: unknown, b: unknown, tolerance = 0.001) => compareAnswers(json(a), json(b), tolerance);

function tensor(datatype: TensorPart["datatype"], shape: number[], view: ArrayBufferView, name = "y") {
  const answer = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return { answer, outputs: [{ name, datatype, shape, length: answer.byteLength }] };
}

test("JSON agrees when numbers are within the tolerance and all else is equal, whatever the order of keys", () => {
  expect(compare({ a: [1, { b: 2 }], c: "x" }, { c: "x", a: [1.0005, { b: 2 }] })).toMatchObject({
    agrees: true,
    max: expect.closeTo(0.0005, 6),
    mean: expect.closeTo(0.00025, 6),
  });
  // Of large numbers the tolerance is a share.
  expect(compare([1_000_000], [1_000_900]).agrees).toBe(true);
  expect(compare([1_000_000], [1_001_100])).toMatchObject({ agrees: false, max: 1_100, where: "[0]" });
});

test.each([
  [{ label: "cat" }, { label: "dog" }, "label"],
  [[1, 2], [1, 2, 3], "length of the list"],
  [{ a: { b: 1 } }, { a: {} }, "a.b"],
  [[1], ["1"], "[0]"],
  [null, 0, "the answer"],
  [[], {}, "the answer"],
])("%j and %j differ", (a, b, where) => {
  expect(compare(a, b, 1)).toMatchObject({ agrees: false, differs: true, where });
});

test("what is no JSON must be equal", () => {
  expect(compare("no json", "no json").agrees).toBe(true);
  expect(compare("no json", "no JSON").agrees).toBe(false);
});

test("tensors are compared element by element, of every type of number", () => {
  const views: [TensorPart["datatype"], ArrayBufferView, ArrayBufferView, number][] = [
    ["FP32", new Float32Array([1, 2]), new Float32Array([1, 4]), 2],
    ["FP64", new Float64Array([1, 2]), new Float64Array([1, 4]), 2],
    ["FP16", new Float16Array([1, 2]), new Float16Array([1, 4]), 2],
    ["BF16", new Uint16Array([0x3f80, 0x4000]), new Uint16Array([0x3f80, 0x4080]), 2],
    ["INT64", new BigInt64Array([1n, -5n]), new BigInt64Array([1n, 5n]), 10],
    ["UINT8", new Uint8Array([1, 200]), new Uint8Array([1, 100]), 100],
  ];
  for (const [datatype, a, b, max] of views) {
    const [one, other] = [tensor(datatype, [2], a), tensor(datatype, [2], b)];
    expect(compareAnswers(one, one, 0)).toMatchObject({ agrees: true, max: 0, where: "" });
    expect(compareAnswers(one, other, 0.1)).toMatchObject({
      agrees: false,
      max,
      mean: max / 2,
      where: "y[1]",
    });
  }
});

test("text and truth values must be equal; shapes, names and forms as well", () => {
  const [yes, no] = [tensor("BOOL", [1], new Uint8Array([1])), tensor("BOOL", [1], new Uint8Array([0]))];
  expect(compareAnswers(yes, yes, 1)).toMatchObject({ agrees: true, max: null });
  expect(compareAnswers(yes, no, 1)).toMatchObject({ agrees: false, where: "y" });
  const row = new Float32Array([1, 2]);
  const flat = tensor("FP32", [2], row);
  expect(compareAnswers(flat, tensor("FP32", [1, 2], row), 1).where).toContain("shape of y");
  expect(compareAnswers(flat, tensor("FP32", [2], row, "z"), 1).agrees).toBe(false);
  expect(compareAnswers(flat, json([1, 2]), 1).where).toBe("the form of the answer");
});

test("values that are no numbers agree with their like alone; a tensor that begins at an odd byte is read", () => {
  const [nan, one] = [new Float32Array([Number.NaN]), new Float32Array([1])];
  expect(compareAnswers(tensor("FP32", [1], nan), tensor("FP32", [1], nan), 0).agrees).toBe(true);
  expect(compareAnswers(tensor("FP32", [1], nan), tensor("FP32", [1], one), 1)).toMatchObject({
    agrees: false,
    differs: true,
  });
  const shifted = new Uint8Array(5);
  shifted.set(new Uint8Array(one.buffer), 1);
  expect(compareAnswers(tensor("FP32", [1], one), tensor("FP32", [1], shifted.subarray(1)), 0).agrees).toBe(
    true,
  );
});
