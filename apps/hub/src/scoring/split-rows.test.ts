import { describe, expect, test } from "bun:test";
import type { ScoreRequest } from "./score-request.ts";
import { csvOf, fourRows, seededRandom, shuffled, testFolder } from "./tables/test-files.ts";

const { write } = testFolder();
const { score } = fourRows(write);

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
    const predictionsPath = write(
      csvOf(
        "prediction",
        rows.map(([id]) => [id, 0]),
      ),
    );
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
      {
        key: "auc",
        metric: "roc_auc",
        options: { target_field: "usage", positive_label: "public", prediction_field: "prediction" },
      },
    ];
    await expect(score({ columns: auc, split: { field: "usage" } })).rejects.toThrow(
      'leaves the metric "auc" undefined in the public rows',
    );
  });
});
