import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { type Compared, differences } from "./differences.ts";

type Score = number | null;
interface More {
  selected?: boolean;
  /** the second column before and after */
  mae?: [number, number];
}

/** Submissions in order, as entrant, public score before and after; the private one is ten times that. */
function made(...rows: [string, Score, Score, More?][]): Compared[] {
  return rows.map(([entrant, before, after, { selected = false, mae } = {}], index) => {
    const values = (score: Score, column: number) =>
      score === null
        ? null
        : { score, columns: { mae: column }, privateScore: score * 10, privateColumns: { mae: column } };
    return {
      id: `sub_${index}`,
      entrant,
      entrantId: `ent_${entrant}`,
      selected,
      submittedAt: new Date(index),
      before: values(before, mae?.[0] ?? 0),
      after: values(after, mae?.[1] ?? 0),
    };
  });
}

/** A contest of accuracies, of one round; more of its definition where a test is about that. */
function contest(leaderboard: object = {}, round: object = {}, more: object = {}) {
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: "numbers",
    title: "Numbers",
    metric: { name: "accuracy" },
    leaderboard,
    rounds: [{ name: "only", train: "a", inputs: "b", labels: "c.csv", target_field: "y", ...round }],
    ...more,
  });
  const [only] = definition.rounds;
  if (!only) throw new Error("no round");
  return [definition, only] as const;
}
const SPLIT = { split: { share: 0.5, seed: "s" } };

test("an entrant whose score and rank stay is not named", () => {
  expect(differences(made(["a", 0.1, 0.1], ["b", 0.3, 0.3]), ...contest())).toEqual([]);
});

test("who is overtaken changes rank though its score stays; equal scores share a rank", () => {
  const rows = made(["a", 0.3, 0.3], ["b", 0.1, 0.4], ["c", 0.3, 0.3]);
  expect(differences(rows, ...contest())).toEqual([
    { entrant: "b", board: "public", before: { rank: 3, score: 0.1 }, after: { rank: 1, score: 0.4 } },
    { entrant: "a", board: "public", before: { rank: 1, score: 0.3 }, after: { rank: 2, score: 0.3 } },
    { entrant: "c", board: "public", before: { rank: 1, score: 0.3 }, after: { rank: 2, score: 0.3 } },
  ]);
});

test("a tie is broken as the board breaks it: another column alone moves ranks", () => {
  const rows = made(["a", 0.5, 0.5, { mae: [1, 3] }], ["b", 0.5, 0.5, { mae: [2, 2] }]);
  const columns = { columns: [{ key: "mae", metric: { name: "mae" } }] };
  expect(differences(rows, ...contest({}, {}, columns))).toEqual([]);
  const moved = differences(rows, ...contest({}, {}, { ...columns, tie_breaks: ["mae"] }));
  expect(moved.map(({ entrant, before, after }) => [entrant, before?.rank, after?.rank])).toEqual([
    ["b", 2, 1],
    ["a", 1, 2],
  ]);
});

test("the best or the last counts; one without a score any more leaves the board", () => {
  const rows = made(["a", 0.5, null], ["a", 0.2, 0.2]);
  expect(differences(rows, ...contest())).toMatchObject([{ before: { score: 0.5 }, after: { score: 0.2 } }]);
  expect(differences(rows, ...contest({ counts: "last", final: "last" }))).toEqual([]);
  expect(differences(made(["a", 0.5, null]), ...contest())).toMatchObject([
    { before: { rank: 1, score: 0.5 }, after: null },
  ]);
});

test("the final board has its own scores and choice: what fills up the chosen ones counts too", () => {
  const rows = made(
    ["a", 0.5, 0.4, { selected: true }],
    ["a", 0.1, 0.1],
    ["b", 0.3, 0.3, { selected: true }],
  );
  const found = differences(rows, ...contest({ final: { selected: 2 } }, SPLIT));
  expect(found).toEqual([
    { entrant: "a", board: "public", before: { rank: 1, score: 0.5 }, after: { rank: 1, score: 0.4 } },
    { entrant: "a", board: "private", before: { rank: 1, score: 5 }, after: { rank: 1, score: 4 } },
  ]);
  const onlyChosen = made(["a", 0.2, 0.1], ["a", 0.1, 0.1, { selected: true }]);
  expect(differences(onlyChosen, ...contest({ final: { selected: 1 } }, SPLIT))).toMatchObject([
    { board: "public" },
  ]);
});
