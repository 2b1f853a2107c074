import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sketchSimilarity } from "./fingerprint.ts";
import { scoreFiles } from "./score-files.ts";
import type { ScoreRequest } from "./score-request.ts";
import { csvOf, refusalOf, seededRandom, shuffled, testFolder } from "./tables/test-files.ts";
import { doubles, npyOf } from "./tables/test-formats.ts";

const { folder, write } = testFolder();
const LABELS = write("id,y,kind,usage,w\n1,1,a,public,1\n2,2,b,public,3\n3,4,a,private,1\n4,8,b,private,0\n");
const GUESS = write("id,prediction,kind\n4,6,b\n3,5,b\n2,2,a\n1,2,a\n");

function score(more: Partial<ScoreRequest>) {
  return scoreFiles({
    labelsPath: LABELS,
    predictionsPath: GUESS,
    targetField: "y",
    columns: [{ key: "score", metric: "mae" }],
    ...more,
  });
}

test("several metrics of one pair of files, each with its own target and weights", async () => {
  const { scores, rows } = await score({
    columns: [
      { key: "primary", metric: "mae" },
      { key: "weighted", metric: "mae", options: { weight_field: "w" } },
      { key: "kind", metric: "accuracy", options: { target_field: "kind" } },
      { key: "both", metric: "mse", options: { target_fields: ["y", "w"] } },
    ].slice(0, 3) as ScoreRequest["columns"],
  });
  // Errors 1, 0, 1, 2 → 4/4; weights 1, 3, 1, 0 → 2/5. Kinds a/a, b/a, a/b, b/b → 2/4.
  expect({ scores, rows }).toEqual({ scores: { primary: 1, weighted: 0.4, kind: 0.5 }, rows: 4 });
});

test("one column may be read as a number by one metric and as a label by another", async () => {
  const { scores } = await score({
    columns: [
      { key: "mae", metric: "mae" },
      { key: "exact", metric: "accuracy" },
    ],
  });
  expect(scores).toEqual({ mae: 1, exact: 0.25 });
});

test("several targets are scored by the mean of their scores", async () => {
  const labelsPath = write("id,a,b\n1,0,0\n2,0,10\n");
  const predictionsPath = write("id,b,a\n1,3,1\n2,13,1\n");
  const columns: ScoreRequest["columns"] = [{ key: "s", metric: "mae", options: { target_fields: ["a", "b"] } }];
  expect((await score({ labelsPath, predictionsPath, columns })).scores).toEqual({ s: 2 });
});

describe("public and private rows", () => {
  test("by a column of the labels file", async () => {
    const result = await score({ split: { field: "usage" } });
    expect(result).toMatchObject({
      scores: { score: 1 },
      public: { scores: { score: 0.5 }, rows: 2 },
      private: { scores: { score: 1.5 }, rows: 2 },
    });
  });

  test("by a drawn share: the same ids whatever the order of the files, others by another seed", async () => {
    const random = seededRandom(4);
    const rows = Array.from({ length: 2_000 }, (_, id) => [`r${id}`, random()] as const);
    const predictionsPath = write(csvOf("prediction", rows.map(([id]) => [id, 0])));
    const drawn = async (seed: string) =>
      (
        await score({
          labelsPath: write(csvOf("y", shuffled(rows, random))),
          predictionsPath,
          split: { share: 0.3, seed },
        })
      ).public;
    const [first, again, other] = [await drawn("one"), await drawn("one"), await drawn("two")];
    expect(Math.abs((first?.rows ?? 0) - 600)).toBeLessThan(80);
    expect(again?.rows).toBe(first?.rows as number);
    expect(again?.scores["score"]).toBeCloseTo(first?.scores["score"] as number, 13);
    expect(other?.scores["score"]).not.toBeCloseTo(first?.scores["score"] as number, 6);
  });

  test("a part without rows, or one that leaves a metric undefined, is the organizer's to repair", async () => {
    const none = { split: { field: "usage", public: "open" } };
    await expect(score(none)).rejects.toMatchObject({ code: "invalid_bundle" });
    const auc: ScoreRequest["columns"] = [
      { key: "auc", metric: "roc_auc", options: { target_field: "usage", positive_label: "public", prediction_field: "prediction" } },
    ];
    await expect(score({ columns: auc, split: { field: "usage" } })).rejects.toThrow(
      'leaves the metric "auc" undefined in the public rows',
    );
  });
});

describe("values of rows", () => {
  test("are written in the order of the labels, with which row is public and what it weighs", async () => {
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
      [[1, 1, 1, 1], [1, 0, 3, 0], [0, 1, 1, 0], [0, 4, 0, 1]].flat(),
    );
  });
});

describe("a fingerprint", () => {
  const random = seededRandom(31);
  const truth = Array.from({ length: 3_000 }, (_, id) => [id, random() * 100] as const);
  const labelsPath = write(csvOf("y", truth));
  const of = async (predictionsPath: string) => {
    const result = await score({ labelsPath, predictionsPath, fingerprint: true });
    return result.fingerprint ?? { digest: "", sketch: "" };
  };
  const mine = truth.map(([id, y]) => [id, Math.round(y * 8 + random() * 40) / 8] as const);

  test("is the same for the same numbers in another order, spelling and format, and another for one changed", async () => {
    const first = await of(write(csvOf("prediction", mine)));
    const spelled = mine.map(([id, value]) => [id, value.toFixed(6)] as const);
    expect(await of(write(csvOf("prediction", shuffled(spelled, random))))).toEqual(first);
    const array = npyOf("'<f8'", "(3000,)", doubles(...mine.map(([, value]) => value)));
    expect(await of(write(array, ".npy"))).toEqual(first);
    const changed = mine.map(([id, value]) => [id, id === 7 ? value + 1 : value] as const);
    expect((await of(write(csvOf("prediction", changed)))).digest).not.toBe(first.digest);
  });

  test("is near for predictions that were shaken a little, and far for another's", async () => {
    const first = await of(write(csvOf("prediction", mine)));
    const shaken = await of(write(csvOf("prediction", mine.map(([id, value]) => [id, value + (random() - 0.5) * 0.01]))));
    const other = await of(write(csvOf("prediction", truth.map(([id]) => [id, random() * 100]))));
    expect(shaken.digest).not.toBe(first.digest);
    expect(sketchSimilarity(first.sketch, first.sketch)).toBe(1);
    expect(sketchSimilarity(first.sketch, shaken.sketch)).toBeGreaterThan(0.8);
    expect(sketchSimilarity(first.sketch, other.sketch)).toBeLessThan(0.2);
  });
});

describe("bad numbers of a metric's own columns", () => {
  test.each([
    ["a weight below 0", "id,y,w\n1,1,1\n2,2,-1\n", "id,prediction\n1,1\n2,2\n", { weight_field: "w" }, "out_of_range"],
    ["weights of 0 alone", "id,y,w\n1,1,0\n2,2,0\n", "id,prediction\n1,1\n2,2\n", { weight_field: "w" }, "undefined_metric"],
  ])("%s: the organizer's to repair", async (_what, labels, guess, options, reason) => {
    const refusal = await refusalOf({
      labelsPath: write(labels),
      predictionsPath: write(guess),
      targetField: "y",
      columns: [{ key: "score", metric: "mae", options }],
    });
    expect(refusal).toMatchObject({ code: "invalid_bundle", details: { reason } });
  });

  test("a probability beyond 1, and rows that do not add up to 1, are the entrant's", async () => {
    const base = { labelsPath: write("id,y\n1,a\n2,b\n"), targetField: "y" };
    const classes = { classes: ["a", "b"] };
    const columns: ScoreRequest["columns"] = [{ key: "score", metric: "log_loss", options: classes }];
    const beyond = write("id,p_a,p_b\n1,0.5,0.5\n2,1.5,-0.5\n");
    expect((await refusalOf({ ...base, columns, predictionsPath: beyond })).message).toContain("is no probability");
    const apart = write("id,p_a,p_b\n1,0.5,0.5\n2,0.5,0.4\n");
    expect((await refusalOf({ ...base, columns, predictionsPath: apart })).message).toContain("add up to");
  });

  test("a metric's options are checked before a file is opened", async () => {
    const columns: ScoreRequest["columns"] = [{ key: "score", metric: "mse", options: { k: 3 } }];
    await expect(score({ columns, labelsPath: "/nowhere" })).rejects.toThrow('mse has no option \\"k\\"');
  });
});

test("every kind of metric scores the same to the last bit with any number of threads and in any order", async () => {
  const random = seededRandom(8);
  const ids = Array.from({ length: 20_000 }, (_, at) => `id-${at}`);
  const draw = () => [random() * 10, Math.floor(random() * 5), random() * 2].join(",");
  const labelsPath = write(`id,y,c,w\n${ids.map((id) => `${id},${draw()}\n`).join("")}`);
  const guesses = ids.map((id) => `${id},${draw()}\n`);
  const w = { weight_field: "w" };
  const columns: ScoreRequest["columns"] = [
    { key: "r2", metric: "r2", options: w },
    { key: "mape", metric: "mape", options: w },
    { key: "f1", metric: "f1", options: { ...w, average: "macro", target_field: "c" } },
    { key: "mcc", metric: "mcc", options: { ...w, target_field: "c" } },
    { key: "kappa", metric: "kappa", options: { ...w, target_field: "c", weights: "quadratic" } },
    { key: "auc", metric: "roc_auc", options: { ...w, target_field: "c", prediction_field: "w" } },
    { key: "loss", metric: "log_loss", options: { target_field: "c", prediction_field: "half" } },
  ];
  const found = new Set<string>();
  for (const threads of [1, 2, 4]) {
    const rows = shuffled(guesses, random).map((line) => line.replace("\n", ",0.5\n"));
    const predictionsPath = write(`id,y,c,w,half\n${rows.join("")}`);
    const { scores } = await score({ labelsPath, predictionsPath, columns, limits: { threads } });
    found.add(JSON.stringify(scores));
  }
  expect(found.size).toBe(1);
});
