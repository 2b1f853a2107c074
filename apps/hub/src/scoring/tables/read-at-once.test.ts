import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { scoreFiles } from "../score-files.ts";
import type { ScoreRequest } from "../score-request.ts";
import { readAtOnce } from "./read-at-once.ts";
import { sourceOf } from "./source.ts";
import { openTableFile } from "./table-file.ts";
import { refusalOf, seededRandom, shuffled, testFolder } from "./test-files.ts";
import { writeParquet } from "./test-formats.ts";

const { folder, write } = testFolder();
/** Files of more than four megabytes: smaller ones are read one after the other. */
const ROWS = 300_000;
const random = seededRandom(11);
const ids = Array.from({ length: ROWS }, (_, id) => id);
const files = { csv: { labels: "", predictions: "" }, parquet: { labels: "", predictions: "" } };

const csv = (columns: string, order: readonly number[], row: (id: number) => string) =>
  `id,${columns}\n${order.map((id) => `${id},${row(id)}\n`).join("")}`;
const guesses = (order: readonly number[], row = (id: number) => `${(id % 7) + 0.123456},${id % 5}`) =>
  write(csv("prediction,class", order, row));

beforeAll(async () => {
  const labels = write(csv("y,class", ids, (id) => `${(id % 7).toFixed(6)},${id % 4}`));
  files.csv = { labels, predictions: guesses(shuffled(ids, random)) };
  for (const role of ["labels", "predictions"] as const)
    files.parquet[role] = await writeParquet(
      join(folder, `${role}.parquet`),
      // Stored as they are: packed they would be small.
      `SELECT * FROM read_csv('${files.csv[role]}')`,
      ", COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1",
    );
});

const request = (of: keyof typeof files, more: Partial<ScoreRequest> = {}): ScoreRequest => ({
  labelsPath: files[of].labels,
  predictionsPath: files[of].predictions,
  targetField: "y",
  columns: [
    { key: "mse", metric: "mse" },
    { key: "accuracy", metric: "accuracy", options: { target_field: "class", prediction_field: "class" } },
  ],
  ...more,
});

test.each(["csv", "parquet"] as const)("two files of %s read at once are those read in turn", async (of) => {
  const atOnce = await scoreFiles(request(of, { limits: { threads: 2 } }));
  expect(atOnce).toEqual(await scoreFiles(request(of, { limits: { threads: 1 } })));
  expect(atOnce.rows).toBe(ROWS);
});

test.each([
  ["an id that stands there twice", [5, ...ids.slice(1)], undefined, "duplicate_ids"],
  ["an id that is missing", ids.slice(1), undefined, "missing_ids"],
  ["a prediction that is no number", ids, (id: number) => (id === 200_000 ? "NaN,1" : "1,1"), "not_finite"],
] as const)("%s is told as in a small file", async (_what, order, row, reason) => {
  const predictionsPath = guesses(order, row);
  const { code, details } = await refusalOf(request("csv", { predictionsPath, limits: { threads: 2 } }));
  expect({ code, reason: details["reason"] }).toEqual({ code: "invalid_predictions", reason });
});

test("the thread has no more room than it is given", async () => {
  await using labels = await openTableFile(files.csv.labels, "labels", 1e9);
  await using predictions = await openTableFile(files.csv.predictions, "predictions", 1e9);
  const wanted = (file: "labels" | "predictions", name: string) =>
    ({ file, names: [name], kind: "number" }) as const;
  const [truth, guess] = [
    sourceOf(labels, "id", [wanted("labels", "y")]),
    sourceOf(predictions, "id", [wanted("predictions", "prediction")]),
  ];
  const asked = {
    sources: { labels: truth.source, predictions: guess.source },
    placeOf: { labels: truth.placeOf, predictions: guess.placeOf },
    database: { memoryBytes: 1e8, threads: 2 },
    maxTextBytes: 1e6,
  };
  await expect(readAtOnce({ ...asked, maxRows: ROWS / 2 })).rejects.toThrow("out of memory");
  const read = await readAtOnce({ ...asked, maxRows: 2 * ROWS });
  expect(read?.map(({ rows }) => rows)).toEqual([ROWS, ROWS]);
});
