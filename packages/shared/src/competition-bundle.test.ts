import { describe, expect, test } from "bun:test";
import { competitionDefinitionSchema } from "./competition-bundle.ts";

const round = { name: "one", train: "a", inputs: "b", labels: "c.csv", target_field: "y" };
const right = { version: 1, name: "digits", title: "Digits", metric: { name: "mse" }, rounds: [round] };

/** `path: message` of everything that is wrong. */
function problems(change: object): string[] {
  const parsed = competitionDefinitionSchema.safeParse({ ...right, ...change });
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

describe("a definition", () => {
  test("has programs of single rounds only where the contest has one that they take the place of", () => {
    const own = { rounds: [{ ...round, scorer_program: "s", ingestion_program: "i" }] };
    expect(problems(own)).toEqual([
      "rounds.0.scorer_program: takes the place of `scorer.program`, and there is no `scorer`",
      "rounds.0.ingestion_program: takes the place of `ingestion.program`, and there is no `ingestion`",
    ]);
    const scorer = { program: "a", convention: "nsml" };
    expect(problems({ ...own, scorer, ingestion: { program: "b" } })).toEqual([]);
  });

  test("of the fewest words has everything else at its default", () => {
    const definition = competitionDefinitionSchema.parse(right);
    expect(definition).toMatchObject({ columns: [], leaderboard: { counts: "best", final: "best" } });
    expect(definition.rounds[0]).toMatchObject({ survivors: { all: true }, limits: { per_day: 20 } });
  });

  test.each([
    [{ rounds: [round, round] }, 'rounds.1.name: "one" is used twice'],
    [{ columns: [{ key: "score", metric: { name: "mae" } }] }, 'columns.0.key: "score" is used twice'],
    [{ tie_breaks: ["f1"] }, 'tie_breaks.0: there is no column "f1"'],
    [
      { metric: { name: "custom", order: "ascending" } },
      "metric.name: custom takes a `scorer` of yours, and there is none",
    ],
    [
      { metric: { name: "computed", compute: "avg", of: ["f1"], order: "ascending" } },
      'metric.of.0: there is no column "f1"',
    ],
    [
      { metric: { name: "f1_macro" }, leaderboard: { ladder: true } },
      "leaderboard.ladder: needs a metric that is a mean of one loss per row, and f1_macro is none",
    ],
    [
      { metric: { name: "roc_auc" }, leaderboard: { intervals: true } },
      "leaderboard.intervals: needs a metric that is a mean of one loss per row, and roc_auc is none",
    ],
    [
      { rounds: [{ ...round, opens_at: "2026-02-02T00:00:00Z", closes_at: "2026-02-01T00:00:00Z" }] },
      "rounds.0.closes_at: is not after opens_at",
    ],
    [
      {
        rounds: [
          { ...round, closes_at: "2026-02-02T00:00:00Z" },
          { ...round, name: "two", opens_at: "2026-02-01T00:00:00Z" },
        ],
      },
      "rounds.1.opens_at: is before the round before it closes: move one of both, or leave it out to open when that one closes",
    ],
  ])("that contradicts itself is told where: %j", (change, message) => {
    expect(problems(change)).toEqual([message]);
  });
});
