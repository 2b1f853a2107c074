import { expect, test } from "bun:test";
import type { RawTensor } from "./raw-tensor.ts";
import { runRounded } from "./round-rows.ts";

const floats = (name: string, shape: number[], values: number[]): RawTensor => ({
  name,
  datatype: "FP32",
  shape,
  bytes: new Uint8Array(new Float32Array(values).buffer),
});
const valuesOf = ({ bytes }: RawTensor) => [...new Float32Array(new Uint8Array(bytes).buffer)];

/** A model that adds up each row; says with how many it was run. */
function summing() {
  const runs: number[][] = [];
  const run = async ([input]: readonly RawTensor[]) => {
    const [rows = 0, columns = 0] = input?.shape ?? [];
    const values = input ? valuesOf(input) : [];
    runs.push([rows, values.length]);
    const sums = Array.from({ length: rows }, (_, row) =>
      values.slice(row * columns, (row + 1) * columns).reduce((sum, value) => sum + value, 0),
    );
    return [floats("sum", [rows], sums)];
  };
  return { run, runs };
}

test("rows are rounded up with the last one, and only what was asked for comes back", async () => {
  const { run, runs } = summing();
  for (const rows of [1, 2, 3, 5, 33, 64, 65, 100]) {
    const input = floats(
      "x",
      [rows, 2],
      Array.from({ length: rows * 2 }, (_, index) => index),
    );
    const [output] = await runRounded([input], run);
    expect(output?.shape).toEqual([rows]);
    expect(output && valuesOf(output)).toEqual(Array.from({ length: rows }, (_, row) => 4 * row + 1));
  }
  expect(runs).toEqual([1, 2, 4, 8, 64, 64, 65, 100].map((rows) => [rows, rows * 2]));
});

test("no rows stay none, and texts of any length are repeated as they are", async () => {
  const { run, runs } = summing();
  await runRounded([floats("x", [0, 2], [])], run);
  expect(runs).toEqual([[0, 0]]);

  const texts = ["a", "", "lang"].map((text) =>
    Buffer.concat([Buffer.from([text.length, 0, 0, 0]), Buffer.from(text)]),
  );
  const input: RawTensor = { name: "x", datatype: "BYTES", shape: [3], bytes: Buffer.concat(texts) };
  const [output] = await runRounded([input], async ([given]) => {
    expect(given?.shape).toEqual([4]);
    expect(Buffer.from(given?.bytes ?? []).toString()).toBe(`${Buffer.concat(texts)}\u0004\0\0\0lang`);
    return given ? [given] : [];
  });
  expect(output?.bytes).toEqual(new Uint8Array(input.bytes));
});
