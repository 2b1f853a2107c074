import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { scoreFiles } from "./score-files.ts";
import { refusalOf, testFolder } from "./tables/test-files.ts";
import { doubles, npyOf, writeParquet } from "./tables/test-formats.ts";

const { folder, write } = testFolder();
const LABELS = "id,y,kind\n7,1,a\n8,2,b\n9,4,a\n";
const labelsPath = write(LABELS);

function request(predictionsPath: string, metric: object = { metric: "mae" }) {
  const columns = [{ key: "score", metric: "mae" as const, ...metric }];
  return { labelsPath, predictionsPath, targetField: "y", columns, limits: { memoryBytes: 256 * 1024 ** 2 } };
}
const scoreOf = async (path: string, metric?: object) =>
  (await scoreFiles(request(path, metric))).scores["score"] as number;

let files = 0;
function parquet(query: string, options?: string) {
  files += 1;
  return writeParquet(join(folder, `p${files}.parquet`), query, options);
}

describe("Parquet", () => {
  test.each([
    ["texts and doubles", "VALUES ('9', 4.0::DOUBLE), ('7', 2.0), ('8', 2.0)"],
    ["whole numbers", "VALUES (9::BIGINT, 4::TINYINT), (7, 2), (8, 2)"],
    ["decimals and floats", "VALUES (9::UINTEGER, 4::FLOAT), (7, 2), (8, 2)"],
    ["numbers written as texts", "VALUES (9, '4.0'), (7, '2'), (8, '2e0')"],
  ])("%s are read", async (_what, rows) => {
    expect(await scoreOf(await parquet(`SELECT * FROM (${rows}) t(id, prediction)`))).toBeCloseTo(1 / 3, 15);
  });

  test("labels may be Parquet, and compressed columns are read", async () => {
    const labels = await parquet(`SELECT * FROM read_csv('${labelsPath}')`, ", COMPRESSION zstd");
    const guess = write("id,prediction\n7,1\n8,2\n9,5\n");
    expect((await scoreFiles({ ...request(guess), labelsPath: labels })).scores["score"]).toBeCloseTo(
      1 / 3,
      15,
    );
  });

  test("a bad value is named by row and id, and so is a repeated id", async () => {
    const rows = (values: string) => parquet(`SELECT * FROM (VALUES ${values}) t(id, prediction)`);
    const bad = await refusalOf(request(await rows("(7, 1.0::DOUBLE), (8, 'nan'), (9, 1)")));
    expect(bad).toMatchObject({
      code: "invalid_predictions",
      details: { reason: "not_finite", row: 2, id: "8" },
    });
    expect(bad.message).toContain("row 2");
    const empty = await refusalOf(request(await rows("(7, 1.0::DOUBLE), (8, NULL), (9, 1)")));
    expect(empty.details).toMatchObject({ reason: "empty_value", row: 2 });
    const twice = await refusalOf(request(await rows("(7, 1.0::DOUBLE), (8, 1), (8, 1)")));
    expect(twice.details).toMatchObject({ reason: "duplicate_ids", row: 3, id: "8" });
  });

  test("lists, structures and bytes are no values; a missing column is named", async () => {
    for (const value of ["[1.0]", "{'a': 1}", "'x'::BLOB"]) {
      const path = await parquet(`SELECT 7 AS id, ${value} AS prediction`);
      expect((await refusalOf(request(path))).details.reason).toBe("wrong_type");
    }
    const path = await parquet("SELECT 7 AS id, 1 AS guess");
    expect((await refusalOf(request(path))).message).toContain('Columns found: "id", "guess"');
  });
});

describe("npy arrays are the rows of the labels file in their order", () => {
  test.each([
    ["float64", npyOf("'<f8'", "(3,)", doubles(2, 2, 4))],
    ["one column of two dimensions", npyOf("'<f8'", "(3, 1)", doubles(2, 2, 4))],
    ["float32", npyOf("'<f4'", "(3,)", new Uint8Array(new Float32Array([2, 2, 4]).buffer))],
    ["big-endian int16", npyOf("'>i2'", "(3,)", new Uint8Array([0, 2, 0, 2, 0, 4]))],
    ["int64", npyOf("'<i8'", "(3,)", new Uint8Array(new BigInt64Array([2n, 2n, 4n]).buffer))],
    ["bytes", npyOf("'|u1'", "(3,)", new Uint8Array([2, 2, 4]))],
  ])("%s", async (_what, bytes) => {
    expect(await scoreOf(write(bytes, ".npy"))).toBeCloseTo(1 / 3, 15);
    // NSML's scripts give any name to the arrays they save.
    expect(await scoreOf(write(bytes, ".csv"))).toBeCloseTo(1 / 3, 15);
  });

  test("texts are labels, quotes and commas in them too", async () => {
    const points = ["a\0\0", "b,\0", 'a"b'].flatMap((text) =>
      [...text].map((one) => one.codePointAt(0) ?? 0),
    );
    const bytes = new Uint8Array(new Uint32Array(points).buffer);
    const metric = { metric: "accuracy", options: { target_field: "kind" } };
    expect(await scoreOf(write(npyOf("'<U3'", "(3,)", bytes), ".npy"), metric)).toBe(1 / 3);
  });

  test("several columns are those that the metrics name, in their order", async () => {
    const classes = { metric: "log_loss", options: { target_field: "kind", classes: ["a", "b"] } };
    const bytes = npyOf("'<f8'", "(3, 2)", doubles(0.5, 0.5, 0.75, 0.25, 1, 0));
    expect(await scoreOf(write(bytes, ".npy"), classes)).toBeCloseTo((Math.log(2) + Math.log(4)) / 3, 12);
    const refusal = await refusalOf(request(write(bytes, ".npy")));
    expect(refusal.message).toContain("an array of 2 columns; the metrics need 1");
  });

  test.each([
    [
      "Python objects",
      npyOf("'|O'", "(3,)", Buffer.from("cos\nsystem\n(S'touch /tmp/x'\ntR.")),
      "never unpickled",
    ],
    ["records", npyOf("[('a', '<f8')]", "(3,)", doubles(1, 2, 3)), "the type"],
    ["complex numbers", npyOf("'<c16'", "(3,)", doubles(1, 2, 3, 4, 5, 6)), "the type"],
    ["three dimensions", npyOf("'<f8'", "(1, 3, 1)", doubles(1, 2, 3)), "one or two dimensions"],
    ["no dimension", npyOf("'<f8'", "()", doubles(1)), "one or two dimensions"],
    ["fewer numbers than it says", npyOf("'<f8'", "(3,)", doubles(1, 2)), "cut off"],
    ["a shape beyond all memory", npyOf("'<f8'", "(99999999999999,)", doubles(1)), "more than is read"],
    ["rows of nothing", npyOf("'<f8'", "(1000, 0)", doubles()), "one or two dimensions"],
    ["column after column", npyOf("'<f8'", "(3, 2)", doubles(1, 2, 3, 4, 5, 6), "True"), "ascontiguousarray"],
    [
      "no header",
      Buffer.concat([Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 4, 0]), Buffer.from("{}  ")]),
      "numpy.save",
    ],
    ["a header without end", Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 255, 255, 1]), "numpy.save"],
    ["another number of rows", npyOf("'<f8'", "(2,)", doubles(1, 2)), "has 2 rows; there are 3 test inputs"],
    ["NaN", npyOf("'<f8'", "(3,)", doubles(1, Number.NaN, 3)), "row 2"],
    ["infinity", npyOf("'<f8'", "(3,)", doubles(1, 2, Number.NEGATIVE_INFINITY)), "row 3"],
  ])("%s: refused in words", async (_what, bytes, words) => {
    const refusal = await refusalOf(request(write(bytes, ".npy")));
    expect(refusal.code).toBe("invalid_predictions");
    expect(refusal.message).toContain(words);
  });
});

describe("gzip", () => {
  const csv = Buffer.from("id,prediction\n7,2\n8,2\n9,4\n");
  test.each([
    ["CSV", csv, ".csv.gz"],
    ["CSV without a telling name", csv, ""],
    [
      "JSONL",
      Buffer.from('{"id":7,"prediction":2}\n{"id":8,"prediction":2}\n{"id":9,"prediction":4}\n'),
      ".jsonl.gz",
    ],
    ["npy", npyOf("'<f8'", "(3,)", doubles(2, 2, 4)), ".npy.gz"],
  ])("%s is unpacked", async (_what, bytes, extension) => {
    expect(await scoreOf(write(gzipSync(bytes), extension))).toBeCloseTo(1 / 3, 15);
  });

  test("Parquet is unpacked, a file of two parts too, and labels are as well", async () => {
    const path = await parquet("SELECT * FROM (VALUES (7, 2), (8, 2), (9, 4)) t(id, prediction)");
    const packed = write(gzipSync(await Bun.file(path).bytes()), ".parquet.gz");
    expect(await scoreOf(packed)).toBeCloseTo(1 / 3, 15);
    const parts = Buffer.concat([gzipSync(csv.subarray(0, 9)), gzipSync(csv.subarray(9))]);
    expect(await scoreOf(write(parts, ".csv.gz"))).toBeCloseTo(1 / 3, 15);
    const labels = write(gzipSync(LABELS), ".csv.gz");
    expect((await scoreFiles({ ...request(packed), labelsPath: labels })).scores["score"]).toBeCloseTo(
      1 / 3,
      15,
    );
  });

  test.each([
    ["cut off", gzipSync(csv).subarray(0, 30), "broken or cut off"],
    [
      "noise behind the first bytes",
      Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), csv]),
      "broken or cut off",
    ],
    ["packed twice", gzipSync(gzipSync(csv)), "twice"],
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]), "packed with zstd"],
  ])("%s: refused in words", async (_what, bytes, words) => {
    expect((await refusalOf(request(write(bytes, ".csv.gz")))).message).toContain(words);
  });
});
