import { describe, expect, test } from "bun:test";
import { type MetricName, metricNameSchema } from "@podium/shared";
import { scoreFiles } from "./score-files.ts";
import { csvOf, jsonlOf, seededRandom, shuffled, testFolder } from "./tables/test-files.ts";

const { write } = testFolder();

async function scoreOf(metric: MetricName, labels: string, predictions: string, options = {}) {
  return (
    await scoreFiles({
      labelsPath: labels,
      predictionsPath: predictions,
      targetField: "y",
      columns: [{ key: "score", metric, options }],
    })
  ).scores["score"] as number;
}

describe("worked out by hand", () => {
  // Errors 0.5, −0.5, 0, −1: squares 0.25 + 0.25 + 0 + 1 = 1.5 → 1.5/4; magnitudes 0.5 + 0.5 + 0 + 1 = 2 → 2/4.
  const targets = [
    ["a", 3],
    ["b", -0.5],
    ["c", 2],
    ["d", 7],
  ] as const;
  const guesses = [
    ["d", 8],
    ["c", 2],
    ["b", 0],
    ["a", 2.5],
  ] as const;
  test.each([
    ["mse", 0.375],
    ["rmse", 0.6123724356957945],
    ["mae", 0.5],
  ] as const)("%s of four rows in another order is %d", async (metric, expected) => {
    expect(await scoreOf(metric, write(csvOf("y", targets)), write(csvOf("prediction", guesses)))).toBe(
      expected,
    );
  });

  // The table of metrics.test.ts, row by row.
  const labels = ["cat", "cat", "cat", "cat", "cat", "dog", "dog", "dog", "eel", "eel"];
  const predicted = ["cat", "cat", "cat", "cat", "dog", "dog", "dog", "cat", "eel", "fox"];
  test.each([
    ["accuracy", 0.7],
    ["f1_macro", 8 / 15],
    ["f1_micro", 0.7],
    ["f1_weighted", 11 / 15],
  ] as const)("%s of ten animals is %d", async (metric, expected) => {
    const truth = write(
      csvOf(
        "y",
        labels.map((label, at) => [at, label]),
      ),
    );
    const guess = write(
      jsonlOf(
        "prediction",
        predicted.map((label, at) => [at, label]),
      ),
      ".jsonl",
    );
    expect(await scoreOf(metric, truth, guess)).toBeCloseTo(expected, 15);
  });

  // Positive 1: tp 2, fp 1, fn 1 → 4/6. Positive 0: tp 1, fp 1, fn 1 → 2/4.
  const truth = csvOf("y", [
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 0],
    [5, 0],
  ]);
  const guess = csvOf("prediction", [
    [1, 1],
    [2, 1],
    [3, 0],
    [4, 0],
    [5, 1],
  ]);
  test.each([
    [{}, 2 / 3],
    [{ positive_label: "1.0" }, 2 / 3],
    [{ positive_label: "0" }, 0.5],
    [{ positive_label: "7" }, 0],
  ])("f1_binary with %p is %d", async (options, expected) => {
    expect(await scoreOf("f1_binary", write(truth), write(guess), options)).toBeCloseTo(expected, 15);
  });
});

test("no positive label and none predicted gives an F1 of 0", async () => {
  const zeros = [
    [1, 0],
    [2, 0],
  ] as const;
  expect(await scoreOf("f1_binary", write(csvOf("y", zeros)), write(csvOf("prediction", zeros)))).toBe(0);
});

test("numbers written differently are one label when the labels are numbers, and only then", async () => {
  const guess = write("id,prediction\n1,1.0\n2, 02\n3,-0\n");
  expect(await scoreOf("accuracy", write("id,y\n1,1\n2,2\n3,0\n"), guess)).toBe(1);
  expect(await scoreOf("accuracy", write("id,y\n1,1\n2,2\n3,none\n"), guess)).toBe(0);
});

test("integers beyond a double's reach stay different labels", async () => {
  const labels = write("id,y\n1,9007199254740993\n2,9007199254740992\n");
  expect(
    await scoreOf("accuracy", labels, write("id,prediction\n1,9007199254740993\n2,9007199254740993\n")),
  ).toBe(0.5);
});

test("ids are text: 01 is not 1, and ids with commas, quotes and line ends survive CSV", async () => {
  const ids = ["01", "1", '"a,b"', '"say ""hi"""', '"two\nlines"', "ünïcödé"];
  const table = (column: string) => `id,${column}\n${ids.map((id, at) => `${id},${at}\n`).join("")}`;
  const result = await scoreFiles({
    labelsPath: write(table("y")),
    predictionsPath: write(table("prediction")),
    targetField: "y",
    columns: [{ key: "score", metric: "mse" }],
  });
  expect(result).toEqual({ scores: { score: 0 }, rows: 6 });
});

test("a JSON number as id meets the same digits in CSV; the target's name does for the prediction's", async () => {
  const labels = write("id,y\n1,5\n12345678901234567890123,6\n");
  const guess = write('{"id":1,"y":5}\n{"id":12345678901234567890123,"y":"6"}\n', ".ndjson");
  expect(await scoreOf("mse", labels, guess)).toBe(0);
});

test("the format is found by looking when the name has no extension", async () => {
  const labels = write('{"id":"a","y":1}\n', "");
  expect(await scoreOf("mae", labels, write("id,prediction\na,3\n", ""))).toBe(2);
});

test.each([
  ["Windows line ends", "id,prediction\r\n1,2\r\n"],
  ["old Mac line ends", "id,prediction\r1,2\r"],
  ["a byte order mark", "\ufeffid,prediction\n1,2\n"],
  ["blank lines and no last line end", "id,prediction\n\n\n1,2"],
  ["quoted and padded names, further columns", '"id", prediction ,note\n"1","2","a, b"\n'],
])("CSV with %s is read", async (_what, content) => {
  expect(await scoreOf("mse", write("id,y\n1,4\n"), write(content))).toBe(4);
});

test("the same rows score the same to the last bit, in any order and with any number of threads", async () => {
  const random = seededRandom(11);
  const rows = Array.from(
    { length: 150_000 },
    (_, id) => [id, random() * 10 ** Math.floor(random() * 12)] as const,
  );
  const labels = write(
    csvOf(
      "y",
      rows.map(([id]) => [id, random()]),
    ),
  );
  const scores = new Set<number>();
  for (const threads of [1, 2, 4]) {
    const predictionsPath = write(csvOf("prediction", shuffled(rows, random)));
    for (const metric of ["mse", "mse"] as const) {
      const { scores: found } = await scoreFiles({
        labelsPath: labels,
        predictionsPath,
        targetField: "y",
        columns: [{ key: "score", metric }],
        limits: { threads },
      });
      scores.add(found["score"] as number);
    }
  }
  expect(scores.size).toBe(1);
});

test("errors of very different size are added without loss", async () => {
  // 10^16 + 1 + 1: a double's running sum forgets the ones. (10^16 + 2) / 3 is exact here.
  const labels = write(
    csvOf("y", [
      ["a", 0],
      ["b", 0],
      ["c", 0],
    ]),
  );
  const guess = write(
    csvOf("prediction", [
      ["a", 1],
      ["b", 1e16],
      ["c", 1],
    ]),
  );
  expect(await scoreOf("mae", labels, guess)).toBe((1e16 + 2) / 3);
});

test.each([1e-160, 1e-9, 1e5, 1e12, 1e149])("errors of size %d keep their digits", async (size) => {
  const ids = Array.from({ length: 100 }, (_, id) => id);
  const labels = write(
    csvOf(
      "y",
      ids.map((id) => [id, 0]),
    ),
  );
  const guess = write(
    csvOf(
      "prediction",
      ids.map((id) => [id, 3 * size]),
    ),
  );
  expect((await scoreOf("mae", labels, guess)) / (3 * size)).toBeCloseTo(1, 14);
  if (size > 1e-150) expect((await scoreOf("mse", labels, guess)) / (3 * size) ** 2).toBeCloseTo(1, 14);
  expect(await scoreOf("rmse", labels, labelsAsGuess(ids))).toBe(0);
});

function labelsAsGuess(ids: readonly number[]) {
  return write(
    csvOf(
      "prediction",
      ids.map((id) => [id, 0]),
    ),
  );
}

describe("against brute force", () => {
  const random = seededRandom(20_240);
  const rounds = Array.from({ length: 12 }, (_, round) => round);

  test.each(rounds)("numbers, round %d", async () => {
    const size = 1 + Math.floor(random() * 60);
    const draw = () => (random() - 0.5) * 10 ** Math.floor(random() * 9 - 3);
    const pairs = Array.from({ length: size }, (_, id) => ({ id: `r${id}`, target: draw(), guess: draw() }));
    const labels = write(
      jsonlOf(
        "y",
        pairs.map((p) => [p.id, p.target]),
      ),
      ".jsonl",
    );
    const guess = write(
      csvOf(
        "prediction",
        shuffled(pairs, random).map((p) => [p.id, p.guess]),
      ),
    );
    const mean = (of: (e: number) => number) =>
      pairs.reduce((sum, p) => sum + of(p.guess - p.target), 0) / size;
    const expected = { mse: mean((e) => e * e), rmse: Math.sqrt(mean((e) => e * e)), mae: mean(Math.abs) };
    for (const metric of ["mse", "rmse", "mae"] as const) {
      expect((await scoreOf(metric, labels, guess)) / expected[metric]).toBeCloseTo(1, 12);
    }
  });

  test.each(rounds)("labels, round %d", async () => {
    const size = 1 + Math.floor(random() * 60);
    const names = ["0", "1", "x", "y", "long label with spaces"].slice(0, 2 + Math.floor(random() * 4));
    const draw = () => names[Math.floor(random() * names.length)] as string;
    const pairs = Array.from({ length: size }, (_, id) => ({
      id,
      target: draw(),
      guess: random() < 0.1 ? "new" : draw(),
    }));
    const labels = write(
      csvOf(
        "y",
        pairs.map((p) => [p.id, p.target]),
      ),
    );
    const guess = write(
      csvOf(
        "prediction",
        shuffled(pairs, random).map((p) => [p.id, p.guess]),
      ),
    );
    const expected = bruteForce(pairs);
    for (const metric of metricNameSchema.options.filter((name) => name in expected)) {
      expect(await scoreOf(metric, labels, guess)).toBeCloseTo(expected[metric as keyof typeof expected], 13);
    }
  });
});

/** Precision and recall row by row, then their harmonic mean: another way to the same numbers. */
function bruteForce(pairs: { target: string; guess: string }[]) {
  const count = (is: (p: { target: string; guess: string }) => boolean) => pairs.filter(is).length;
  const f1 = (name: string) => {
    const hits = count((p) => p.target === name && p.guess === name);
    if (hits === 0) return 0;
    const precision = hits / count((p) => p.guess === name);
    const recall = hits / count((p) => p.target === name);
    return (2 * precision * recall) / (precision + recall);
  };
  const names = [...new Set(pairs.flatMap((p) => [p.target, p.guess]))];
  const accuracy = count((p) => p.target === p.guess) / pairs.length;
  return {
    accuracy,
    f1_micro: accuracy,
    f1_macro: names.reduce((sum, name) => sum + f1(name), 0) / names.length,
    f1_weighted:
      names.reduce((sum, name) => sum + f1(name) * count((p) => p.target === name), 0) / pairs.length,
    f1_binary: f1("1"),
  };
}
