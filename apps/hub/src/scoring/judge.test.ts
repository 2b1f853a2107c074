import { afterAll, expect, test } from "bun:test";
import { type CompetitionDefinition, competitionDefinitionSchema } from "@podium/shared";
import { treeEntries } from "../data/index.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeTree } from "../testing/factories.ts";
import { judge, keptValues, type Scorer } from "./judge.ts";
import { judgingOf } from "./judging.ts";
import { createScorerPool } from "./scorer-pool.ts";

const pool = createScorerPool({ size: 1, timeoutMs: 60_000, memoryBytes: 256 * 1024 ** 2 });
afterAll(() => pool.close());

const LABELS = "id,y,part\na,1,public\nb,0,public\nc,1,private\nd,1,private\n";
const split = { field: "part" };
const scorer = { program: "scorer", convention: "nsml" };

function definitionOf(
  change: Record<string, unknown>,
  round: Record<string, unknown>,
): CompetitionDefinition {
  return competitionDefinitionSchema.parse({
    version: 1,
    name: "contest",
    title: "A contest",
    metric: { name: "accuracy" },
    rounds: [{ name: "one", train: "t", inputs: "i", labels: "l", target_field: "y", ...round }],
    ...change,
  });
}

/** What predictions of 1 for every row are worth. */
async function judged(
  ctx: TestContext,
  change: Record<string, unknown> = {},
  round: Record<string, unknown> = {},
  program: Record<string, number> = {},
  by: Scorer = pool,
) {
  const definition = definitionOf(change, round);
  const organizer = await makeMember(ctx);
  const labelsTree = await makeTree(organizer, { "labels.csv": LABELS });
  const predictionsTree = await makeTree(organizer, { "p.csv": "id,prediction\na,1\nb,1\nc,1\nd,1\n" });
  const row = {
    definition: definition.rounds[0] as never,
    labelsTree,
    sampleLabelsTree: null,
    scorerTree: null,
  };
  const judging = judgingOf({ definition, round: row }, false);
  return judge(ctx, by, judging, { teamId: organizer.team.id, predictionsTree, program });
}

test("without a split all rows are public, and nothing is private", () =>
  withRollback(async (db) => {
    const { values, rows, lossesTree } = await judged(systemContext(db));
    expect(values).toEqual({ score: { public: 0.75 } });
    expect(rows).toBe(4);
    expect(lossesTree).toBeNull();
    expect(keptValues(values)).toEqual({
      score: 0.75,
      columns: {},
      privateScore: null,
      privateColumns: null,
    });
  }));

test("losses are kept where a board is worked out from them, and the metric has some", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const leaderboard of [{ ladder: true }, { intervals: true }]) {
      const { lossesTree } = await judged(ctx, { leaderboard }, { split });
      const files = await Array.fromAsync(treeEntries(db, lossesTree ?? ""));
      expect(files.map(({ path, size }) => [path, size])).toEqual([
        ["score.private.f64", 16],
        ["score.public.f64", 16],
      ]);
    }
    expect((await judged(ctx, {}, { split })).lossesTree).toBeNull();
  }));

test("a program's values stand beside built-in ones; in a split round it may give the private one apart", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const change = {
      metric: { name: "custom", value: "points", order: "descending" },
      columns: [
        { key: "accuracy", metric: { name: "accuracy" } },
        { key: "fixed", metric: { name: "custom", value: "points", order: "descending" } },
        {
          key: "sum",
          metric: { name: "computed", compute: "sum", of: ["accuracy", "fixed"], order: "descending" },
        },
      ],
      scorer,
    };
    const { values } = await judged(ctx, change, { split }, { points: 3, private_points: 5, unknown: 1 });
    expect(values).toEqual({
      score: { public: 3, private: 5 },
      accuracy: { public: 0.5, private: 1 },
      fixed: { public: 3, private: 5 },
      sum: { public: 3.5, private: 6 },
    });
    const same = await judged(ctx, change, { split }, { points: 3 });
    expect(same.values.score).toEqual({ public: 3, private: 3 });
  }));

test("what a program alone scores is read by nobody else; a value that it owes is the organizer's fault", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const nobody: Scorer = { score: () => Promise.reject(new Error("nobody asked for this")) };
    const change = { metric: { name: "custom", order: "ascending" }, scorer };
    const { values, rows, predictionsDigest } = await judged(ctx, change, {}, { score: 2 }, nobody);
    expect({ values, rows }).toEqual({ values: { score: { public: 2 } }, rows: 0 });
    expect(predictionsDigest).toMatch(/^[0-9a-f]{64}$/);
    for (const program of [{}, { score: Number.NaN }, { other: 1 }])
      await expect(judged(ctx, change, {}, program, nobody)).rejects.toMatchObject({
        code: "invalid_bundle",
      });
  }));
