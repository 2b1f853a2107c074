import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRowValues, writeRowValues } from "./row-values.ts";

const folder = await mkdtemp(join(tmpdir(), "podium-row-values-"));
afterAll(() => rm(folder, { recursive: true }));

test("rows come back as they were written, block after block", async () => {
  const rows = 70_000;
  const a = Float64Array.from({ length: rows }, (_, row) => row / 3);
  const b = Uint8Array.from({ length: rows }, (_, row) => row % 2);
  const path = join(folder, "rows.npy");
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
