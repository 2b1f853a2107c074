import { describe, expect, test } from "bun:test";
import type { ScoreRequest } from "./score-request.ts";
import { fourRows, refusalOf, seededRandom, shuffled, testFolder } from "./tables/test-files.ts";

const { write } = testFolder();
const { score } = fourRows(write);

test("several metrics of one pair of files, each with its own target and weights", async () => {
  const { scores, rows } = await score({
    columns: [
      { key: "primary", metric: "mae" },
      { key: "weighted", metric: "mae", options: { weight_field: "w" } },
      { key: "kind", metric: "accuracy", options: { target_field: "kind" } },
    ],
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
  const columns: ScoreRequest["columns"] = [
    { key: "s", metric: "mae", options: { target_fields: ["a", "b"] } },
  ];
  expect((await score({ labelsPath, predictionsPath, columns })).scores).toEqual({ s: 2 });
});

describe("bad numbers of a metric's own columns", () => {
  test.each([
    [
      "a weight below 0",
      "id,y,w\n1,1,1\n2,2,-1\n",
      "id,prediction\n1,1\n2,2\n",
      { weight_field: "w" },
      "out_of_range",
    ],
    [
      "weights of 0 alone",
      "id,y,w\n1,1,0\n2,2,0\n",
      "id,prediction\n1,1\n2,2\n",
      { weight_field: "w" },
      "undefined_metric",
    ],
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
    expect((await refusalOf({ ...base, columns, predictionsPath: beyond })).message).toContain(
      "is no probability",
    );
    const apart = write("id,p_a,p_b\n1,0.5,0.5\n2,0.5,0.4\n");
    expect((await refusalOf({ ...base, columns, predictionsPath: apart })).message).toContain("add up to");
  });

  test("a metric's options are checked before a file is opened", async () => {
    const columns: ScoreRequest["columns"] = [{ key: "score", metric: "mse", options: { k: 3 } }];
    await expect(score({ columns, labelsPath: "/nowhere" })).rejects.toMatchObject({
      code: "invalid_bundle",
      message: expect.stringContaining('mse has no option "k"'),
    });
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
