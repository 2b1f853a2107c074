import { expect, test } from "bun:test";
import { join } from "node:path";
import { readRowValues, writeRowValues } from "./row-values.ts";
import { fourRows, testFolder } from "./tables/test-files.ts";

const { folder, write } = testFolder();
const { score } = fourRows(write);

test("values of rows are written in the order of the labels, with which row is public and what it weighs", async () => {
  const rowValuesPath = join(folder, "rows.npy");
  const { rowValues } = await score({
    columns: [
      { key: "mse", metric: "mse", options: { weight_field: "w" } },
      { key: "f1", metric: "f1_macro", options: { target_field: "kind" } },
      { key: "kind", metric: "accuracy", options: { target_field: "kind" } },
    ],
    split: { field: "usage" },
    rowValuesPath,
  });
  expect(rowValues).toEqual(["public", "mse", "mse:weight", "kind"]);
  const bytes = await Bun.file(rowValuesPath).bytes();
  const header = new TextDecoder("latin1").decode(bytes.slice(10, 128));
  expect(header).toContain("'shape': (4, 4)");
  const start = 10 + (bytes[8] as number) + 256 * (bytes[9] as number);
  expect(start % 64).toBe(0);
  expect([...new Float64Array(bytes.slice(start).buffer)]).toEqual(
    [
      [1, 1, 1, 1],
      [1, 0, 3, 0],
      [0, 1, 1, 0],
      [0, 4, 0, 1],
    ].flat(),
  );
});

test("rows come back as they were written, block after block", async () => {
  const rows = 70_000;
  const a = Float64Array.from({ length: rows }, (_, row) => row / 3);
  const b = Uint8Array.from({ length: rows }, (_, row) => row % 2);
  const path = join(folder, "blocks.npy");
  await writeRowValues(path, rows, [
    { name: "a", values: a },
    { name: "b", values: b },
  ]);
  const blocks = await Array.fromAsync(readRowValues(path, 2));
  expect(blocks.map(({ rows }) => rows)).toEqual([65_536, rows - 65_536]);
  const flat = blocks.flatMap(({ values }) => [...values]);
  expect(flat.filter((_, at) => at % 2 === 0)).toEqual([...a]);
  expect(flat.filter((_, at) => at % 2 === 1)).toEqual([...b]);
});
