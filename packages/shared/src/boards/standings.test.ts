import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "../competition-bundle.ts";
import { type Made, standingsOf } from "./standings.ts";

const contest = (leaderboard: object, round: object = {}) =>
  competitionDefinitionSchema.parse({
    version: 1,
    name: "numbers",
    title: "Numbers",
    metric: { name: "mse" },
    leaderboard,
    rounds: [
      {
        name: "only",
        train: "a",
        inputs: "b",
        labels: "c.csv",
        target_field: "y",
        ...round,
        survivors: { top: 1 },
      },
    ],
  });
const made = (n: number, entrant: string, score: number, privateScore: number | null = null): Made => ({
  id: `sub_${n}`,
  entrant,
  submittedAt: new Date(1_000 * n),
  score,
  columns: {},
  privateScore,
  privateColumns: null,
  selected: false,
});
const standings = (definition: ReturnType<typeof contest>, all: readonly Made[]) => {
  const [round] = definition.rounds;
  if (!round) throw new Error("no round");
  return standingsOf(definition, round, all, (entrant) => entrant);
};
const shown = (rows: readonly { rank: number; entrant: string }[] | null) =>
  rows?.map(({ rank, entrant }) => `${rank} ${entrant}`);

test("private rows decide the final board and who survives, whatever the public board says; ties survive together", () => {
  const definition = contest({}, { split: { share: 0.5, seed: "s" } });
  const found = standings(definition, [made(1, "ann", 1, 9), made(2, "bob", 2, 3), made(3, "cid", 4, 3)]);

  expect(shown(found.public)).toEqual(["1 ann", "2 bob", "3 cid"]);
  expect(shown(found.private)).toEqual(["1 bob", "1 cid", "3 ann"]);
  expect(found.survivors).toEqual(["bob", "cid"]);
});

test("the order of the submissions in the file changes nothing", () => {
  const all = [made(1, "ann", 2), made(2, "bob", 2), made(3, "ann", 1), made(4, "cid", 2)];
  expect(standings(contest({}), all.toReversed())).toEqual(standings(contest({}), all));
});

test("with the Ladder the public board can't be known from scores; the final one can", () => {
  const found = standings(contest({ ladder: true }), [made(1, "ann", 1)]);
  expect(found.public).toBeNull();
  expect(shown(found.private)).toEqual(["1 ann"]);
});
