import { describe, expect, test } from "bun:test";
import { scoreFiles } from "./score-files.ts";
import { csvOf, refusalOf, seededRandom, shuffled, testFolder } from "./tables/test-files.ts";

const { write } = testFolder();

// No message may ever hold these.
const SECRETS = ["41.125", "42.125", "43.125"];
const LABELS = `id,y\n${SECRETS.map((secret, at) => `r${at + 1},${secret}\n`).join("")}`;

async function refused(
  content: string | Uint8Array,
  { extension = ".csv", metric = "mse" as "mse" | "accuracy" } = {},
) {
  const refusal = await refusalOf({
    labelsPath: write(LABELS),
    predictionsPath: write(content, extension),
    targetField: "y",
    columns: [{ key: "score", metric }],
    limits: { memoryBytes: 256 * 1024 ** 2 },
  });
  const said = JSON.stringify([refusal.message, refusal.details]);
  for (const secret of SECRETS) expect(said).not.toContain(secret);
  expect(refusal.code).toBe("invalid_predictions");
  return refusal;
}

describe("CSV rows are named by line and id", () => {
  test.each([
    ["text for a number", "id,prediction\nr1,1\nr2,abc\nr3,1\n", "not_a_number", 3, 'line 3 (id "r2")'],
    ["NaN", "id,prediction\nr1,1\nr2,1\nr3,NaN\n", "not_finite", 4, 'line 4 (id "r3")'],
    ["infinity", "id,prediction\nr1,-inf\nr2,1\nr3,1\n", "not_finite", 2, 'line 2 (id "r1")'],
    ["1e400", "id,prediction\nr1,1\nr2,1e400\nr3,1\n", "not_finite", 3, 'line 3 (id "r2")'],
    ["1e200", "id,prediction\nr1,1\nr2,1e200\nr3,1\n", "out_of_range", 3, "too large"],
    ["a decimal comma", 'id,prediction\nr1,1\nr2,"1,5"\nr3,1\n', "not_a_number", 3, '"1,5"'],
    ["a hexadecimal number", "id,prediction\nr1,0x1f\nr2,1\nr3,1\n", "not_a_number", 2, '"0x1f"'],
    ["an empty value", "id,prediction\nr1,1\nr2,\nr3,1\n", "empty_value", 3, 'line 3 (id "r2")'],
    ["a quoted empty value", 'id,prediction\nr1,1\nr2,""\nr3,1\n', "empty_value", 3, 'line 3 (id "r2")'],
    ["an empty id", "id,prediction\nr1,1\n,1\nr3,1\n", "missing_id", 3, "line 3"],
    ["too few columns", "id,prediction\nr1,1\nr2\nr3,1\n", "column_count", 3, "1 column, the header has 2"],
    [
      "too many columns",
      "id,prediction\nr1,1\nr2,1,5\nr3,1\n",
      "column_count",
      3,
      "3 columns, the header has 2",
    ],
    ["a quote left open", 'id,prediction\nr1,1\nr2,"1\nr3,1\n', "not_parseable", 3, "never closed"],
    ["text after a quote", 'id,prediction\nr1,1\nr2,"1"0\nr3,1\n', "not_parseable", 3, "closing quote"],
    [
      "mixed line ends",
      "id,prediction\nr1,1\r\nr2,1\r\nr3,1\r\n",
      "not_parseable",
      2,
      "one kind of line end",
    ],
    [
      "a bad row after quoted lines",
      'id,note,prediction\nr1,"a\nb\nc",1\n\nr2,"",x\n',
      "not_a_number",
      6,
      'id "r2"',
    ],
  ])("%s", async (_what, content, reason, row, words) => {
    const refusal = await refused(content);
    expect(refusal.details).toMatchObject({ reason, row });
    expect(refusal.message).toContain(words);
  });
});

describe("JSONL rows are named by line and id", () => {
  const around = (line: string) => `{"id":"r1","prediction":1}\n${line}\n{"id":"r3","prediction":1}\n`;
  test.each([
    ["text for a number", '{"id":"r2","prediction":"abc"}', "not_a_number"],
    ["a truth value for a number", '{"id":"r2","prediction":true}', "not_a_number"],
    ["an object for a number", '{"id":"r2","prediction":{"a":1}}', "wrong_type"],
    ["a list for a number", '{"id":"r2","prediction":[1]}', "wrong_type"],
    ["null", '{"id":"r2","prediction":null}', "empty_value"],
    ["no prediction", '{"id":"r2"}', "empty_value"],
    ["NaN, as Python writes it", '{"id": "r2", "prediction": NaN}', "not_finite"],
    ["-Infinity, as Python writes it", '{"id": "r2", "prediction": -Infinity}', "not_finite"],
    ["1e400", '{"id":"r2","prediction":1e400}', "not_finite"],
    ["no id", '{"prediction":1}', "missing_id"],
    ["half a line", '{"id":"r2",', "not_parseable"],
    ["a list for a row", '["r2",1]', "not_parseable"],
    ["a name twice", '{"id":"r2","prediction":1,"prediction":2}', "not_parseable"],
  ])("%s", async (_what, line, reason) => {
    const refusal = await refused(around(line), { extension: ".jsonl" });
    expect(refusal.details).toMatchObject({ reason, row: 2 });
    expect(refusal.message).toContain("line 2");
  });

  test.each(['{"a":1}', "[1]", "null", '""', '" "', "NaN"])("%s is no label either", async (value) => {
    const refusal = await refused(around(`{"id":"r2","prediction":${value}}`), {
      extension: ".jsonl",
      metric: "accuracy",
    });
    expect(refusal.details).toMatchObject({ row: 2, id: "r2" });
  });
});

describe("ids", () => {
  test("a missing id is named, and further ones counted", async () => {
    const one = await refused("id,prediction\nr1,1\nr3,1\n");
    expect(one.message).toContain('no row for the id "r2"');
    const two = await refused("id,prediction\nr2,1\n");
    expect(two.message).toContain('no rows for 2 ids: "r1", "r3"');
    expect(two.details).toEqual({ reason: "missing_ids", ids: ["r1", "r3"], count: 2 });
  });

  test("a repeated id is named with both its lines, even when the number of rows is right", async () => {
    const refusal = await refused("id,prediction\nr1,1\nr2,1\nr1,5\n");
    expect(refusal.message).toContain('the id "r1" twice on lines 2 and 4');
    expect(refusal.details).toMatchObject({ reason: "duplicate_ids", row: 4, id: "r1", count: 1 });
  });

  test("an unknown id is named with its line, even when the number of rows is right", async () => {
    const refusal = await refused("id,prediction\nr1,1\nr2,1\nr9,5\n");
    expect(refusal.message).toContain('unknown id "r9" on line 4');
    expect(refusal.details).toMatchObject({ reason: "unknown_ids", row: 4, id: "r9" });
  });

  test("whatever is dropped, repeated or renamed in a file, it is refused by name and never scored", async () => {
    const random = seededRandom(7);
    const ids = Array.from({ length: 40 }, (_, at) => `row-${at}`);
    const labelsPath = write(
      csvOf(
        "y",
        ids.map((id) => [id, 1]),
      ),
    );
    for (let round = 0; round < 40; round += 1) {
      const [victim, other, ...rest] = shuffled(ids, random) as [string, string, ...string[]];
      const [reason, broken] = (
        [
          ["missing_ids", [other, ...rest]],
          ["duplicate_ids", [victim, other, other, ...rest]],
          ["duplicate_ids", [other, other, ...rest]],
          ["unknown_ids", [`${victim}x`, other, ...rest]],
        ] as const
      )[round % 4] as readonly [string, readonly string[]];
      const predictionsPath = write(
        csvOf(
          "prediction",
          shuffled(broken, random).map((id) => [id, 1]),
        ),
      );
      const refusal = await refusalOf({
        labelsPath,
        predictionsPath,
        targetField: "y",
        columns: [{ key: "score", metric: round % 2 ? "mae" : "accuracy" }],
      });
      expect(refusal.details.reason).toBe(reason);
      expect(refusal.message).toContain(
        reason === "missing_ids" ? victim : reason === "unknown_ids" ? `${victim}x` : other,
      );
    }
  });
});

describe("whole files", () => {
  test.each([
    ["nothing at all", "", "empty_file", "is empty"],
    ["blank lines only", " \n\n", "empty_file", "is empty"],
    ["a header only", "id,prediction\n", "empty_file", "has no rows"],
    [
      "another column name",
      "id,pred\nr1,1\n",
      "missing_column",
      'no column "prediction". Columns found: "id", "pred"',
    ],
    ["no header", "r1,1\nr2,2\n", "missing_column", 'Columns found: "r1", "1"'],
    ["semicolons", "id;prediction\nr1;1\n", "missing_column", "Separate the columns by commas"],
    ["a column twice", "id,prediction,id\nr1,1,r1\n", "duplicate_column", 'two columns named "id"'],
  ])("%s", async (_what, content, reason, words) => {
    const refusal = await refused(content);
    expect(refusal.details.reason).toBe(reason);
    expect(refusal.message).toContain(words);
  });

  test("a JSON array instead of lines", async () => {
    expect((await refused('[{"id":"r1","prediction":1}]', { extension: ".json" })).message).toContain(
      "one JSON object per line",
    );
  });

  test("too many bytes", async () => {
    const refusal = await refusalOf({
      labelsPath: write(LABELS),
      predictionsPath: write("id,prediction\nr1,1\n"),
      targetField: "y",
      columns: [{ key: "score", metric: "mse" }],
      limits: { maxBytes: 10 },
    });
    expect(refusal.message).toContain("at most 10");
  });
});

describe("a bad labels file is the organizer's to repair, and its values stay secret", () => {
  test.each([
    ["an id twice", "id,y\nr1,1\nr2,1\nr1,77.5\n", "duplicate_ids"],
    ["text", "id,y\nr1,1\nr2,SECRET\n", "not_a_number"],
    ["an infinite target", "id,y\nr1,1\nr2,-inf\n", "not_finite"],
    ["no target", "id,z\nr1,1\n", "missing_column"],
  ])("%s", async (_what, labels, reason) => {
    const refusal = await refusalOf({
      labelsPath: write(labels),
      predictionsPath: write("id,prediction\nr1,1\nr2,1\n"),
      targetField: "y",
      columns: [{ key: "score", metric: "mse" }],
    });
    expect(refusal).toMatchObject({ code: "invalid_bundle", details: { reason } });
    expect(refusal.message).not.toMatch(/SECRET|77\.5|inf\b/);
  });

  test("a file that is not there is the platform's fault", async () => {
    const gone = scoreFiles({
      labelsPath: write(LABELS),
      predictionsPath: "/nowhere/p.csv",
      targetField: "y",
      columns: [{ key: "score", metric: "mse" }],
    });
    await expect(gone).rejects.toThrow("could not be opened");
  });
});
