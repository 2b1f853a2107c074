import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeParquet } from "../testing/write-parquet.ts";
import { openRows } from "./open-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "podium-rows-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function all(path: string) {
  const rows = await openRows(path);
  return rows.read(0, rows.count);
}

/** As numpy.save writes it. */
function npy(descr: string, shape: string, data: ArrayBufferView, version = 1): Buffer {
  const text = `{'descr': ${descr}, 'fortran_order': False, 'shape': (${shape}), }`;
  const start = version === 1 ? 10 : 12;
  const header = Buffer.from(`${text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1)}\n`);
  const length = Buffer.alloc(start - 8);
  if (version === 1) length.writeUInt16LE(header.byteLength);
  else length.writeUInt32LE(header.byteLength);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([
    Buffer.from("\x93NUMPY", "latin1"),
    Buffer.from([version, 0]),
    length,
    header,
    bytes,
  ]);
}

const parquet = (name: string, query: string, options = "") =>
  writeParquet(join(folder, name), query, options);

test("tables in texts: numbers of a CSV file are numbers, except where a double would change them", async () => {
  const csv = write("a.csv", "id,n\nx,1.5\ny,9007199254740993\n");
  expect(await all(csv)).toEqual([
    { id: "x", n: 1.5 },
    { id: "y", n: "9007199254740993" },
  ]);
  expect(await all(write("a.jsonl", '{"a": 1}\n\n{"a": [2]}\n'))).toEqual([{ a: 1 }, { a: [2] }]);
  expect(await all(write("a.json", "[1, [2]]"))).toEqual([1, [2]]);
});

test("arrays: one dimension is a value a row, more are nested lists; every datatype, in both orders of bytes", async () => {
  expect(await all(write("f.npy", npy("'<f4'", "3,", new Float32Array([1, 2.5, -3]))))).toEqual([1, 2.5, -3]);
  const cube = write("c.npy", npy("'|u1'", "2, 2, 2", new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 2));
  expect(await all(cube)).toEqual([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ]);
  const wide = write("w.npy", npy("'<i8'", "2,", new BigInt64Array([2n ** 62n + 1n, -5n])));
  expect(await all(wide)).toEqual([2n ** 62n + 1n, -5]);
  expect(await all(write("b.npy", npy("'>i2'", "2,", new Uint8Array([1, 0, 0, 2]))))).toEqual([256, 2]);
  expect(await all(write("h.npy", npy("'<f2'", "3,", new Uint16Array([0x3c00, 0xc100, 1]))))).toEqual([
    1,
    -2.5,
    2 ** -24,
  ]);
  expect(await all(write("t.npy", npy("'<U2'", "2,", new Uint32Array([104, 233, 120, 0]))))).toEqual([
    "hé",
    "x",
  ]);
  expect(await all(write("o.npy", npy("'|b1'", "2,", new Uint8Array([1, 0]))))).toEqual([true, false]);
  expect(await all(write("n.npy", npy("'<f8'", "1,", new Float64Array([Number.NaN]))))).toEqual([null]);
  const part = await openRows(cube);
  expect([part.count, await part.read(1, 2)]).toEqual([
    2,
    [
      [
        [5, 6],
        [7, 8],
      ],
    ],
  ]);
});

test.each([
  ["an infinite number", npy("'<f8'", "1,", new Float64Array([Infinity])), "row 1 is infinite"],
  ["Python objects", npy("'|O'", "1,", new Uint8Array(8)), "never unpickled"],
  ["complex numbers", npy("'<c16'", "1,", new Float64Array(2)), "values of the type '<c16'"],
  ["columns", npy("[('a', '<f4')]", "1,", new Float32Array(1)), "values of the type [('a', '<f4')]"],
  ["no dimension", npy("'<f4'", "", new Float32Array(1)), "without a dimension"],
  ["a file cut off", npy("'<f4'", "9,", new Float32Array(8)), "cut off or padded"],
  ["no array", Buffer.from("PK\x03\x04 something else"), "Write it with numpy.save"],
  ["nothing", Buffer.alloc(0), "Write it with numpy.save"],
])("an array of %s is refused, and why", async (name, bytes, why) => {
  await expect(all(write(`${name}.npy`.replaceAll(" ", "-"), bytes))).rejects.toThrow(why);
});

test("Parquet: every kind of column, exact whole numbers, and missing values", async () => {
  const path = await parquet(
    "kinds.parquet",
    `SELECT 1::INTEGER AS i, 4611686018427387905::BIGINT AS wide, 7::BIGINT AS small, 0.5::DOUBLE AS d, 'é' AS t, true AS b,
      [1, 2] AS l, {'a': 1} AS s, NULL::INTEGER AS missing, 'nan'::DOUBLE AS nan, TIMESTAMP '2026-01-02 03:04:05' AS at`,
  );
  expect(await all(path)).toEqual([
    {
      ...{ i: 1, wide: 4611686018427387905n, small: 7, d: 0.5, t: "é", b: true, l: [1, 2], s: { a: 1 } },
      ...{ missing: null, nan: null, at: "2026-01-02T03:04:05.000Z" },
    },
  ]);
});

test.each(["uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"])(
  "Parquet with %s, in row groups: any part of the rows, in any order",
  async (codec) => {
    const path = await parquet(
      `${codec}.parquet`,
      "SELECT i AS n, 'row ' || i AS t FROM range(45000) r(i)",
      `, COMPRESSION ${codec}, ROW_GROUP_SIZE 20480`,
    );
    const rows = await openRows(path);
    expect(rows.count).toBe(45_000);
    for (const [from, to] of [
      [0, 3],
      [20_478, 20_483],
      [16_380, 36_900],
      [5, 6],
      [44_999, 45_000],
      [7, 7],
    ] as const) {
      const expected = Array.from({ length: to - from }, (_, n) => ({ n: from + n, t: `row ${from + n}` }));
      expect(await rows.read(from, to)).toEqual(expected);
    }
  },
);

test("Parquet that can't be sent is refused, with its row and column; so is what is no Parquet", async () => {
  const infinite = await parquet(
    "inf.parquet",
    "SELECT CASE i WHEN 2 THEN 'inf' ELSE '1' END::DOUBLE AS x FROM range(4) r(i)",
  );
  await expect(all(infinite)).rejects.toThrow('row 3: "x" is infinite');
  const bytes = await parquet("bytes.parquet", "SELECT '\\xAA'::BLOB AS x");
  await expect(all(bytes)).rejects.toThrow('row 1: "x" holds bytes');
  await expect(all(write("no.parquet", "nothing of the kind"))).rejects.toThrow("can't be read as Parquet");
  await expect(all(write("empty.parquet", ""))).rejects.toThrow("can't be read as Parquet");
});
