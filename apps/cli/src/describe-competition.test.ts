import { expect, test } from "bun:test";
import { describe } from "./describe-competition.ts";
import type { Competition } from "./types.ts";

const round: Competition["rounds"][number] = {
  id: `rnd_${"0".repeat(32)}`,
  number: 1,
  name: "one",
  title: "One",
  state: "open",
  dataset: "lab/films-one",
  opens_at: null,
  closes_at: null,
  opened_at: null,
  closed_at: null,
  paused_at: null,
  accepts: ["predictions"],
  sample: false,
  split: null,
  per_day: 5,
  total: 10,
  commitment: null,
  committed: null,
  labels_replaced: null,
};
const competition: Competition = {
  id: `cmp_${"0".repeat(32)}`,
  name: "films",
  title: "Films",
  description: "",
  organizer: "lab",
  metric: "mse",
  order: "ascending",
  columns: [],
  tie_breaks: [],
  terms: false,
  selects: null,
  rounds: [round],
  entrants: 2,
  version: 1,
  created_at: "2026-01-01T00:00:00Z",
};

test("a plain contest shows what ranks, and no line of what it has not", () => {
  const text = describe(competition);
  expect(text).toStartWith("films: Films\nby lab; mse (lower is better); 2 entrants\n\nROUND");
  expect(text).toMatch(/one .*5 +all$/m);
});

test("columns, tie-breaks, terms, public rows and the hash of the labels are shown where there are any", () => {
  const text = describe({
    ...competition,
    columns: [
      { key: "mae", title: "mae", order: "ascending" },
      { key: "hits", title: "Right \u001b[2Jones", order: "descending" },
    ],
    tie_breaks: ["mae", "hits"],
    terms: true,
    rounds: [
      { ...round, split: { share: 0.3 }, commitment: "a".repeat(64) },
      { ...round, name: "two", split: { share: null } },
    ],
  });
  expect(text).toContain("further columns: mae, lower is better; hits (Right ones), higher is better");
  expect(text).toContain("equal scores are parted by: mae, then hits");
  expect(text).toContain("terms to agree to: podium competition terms films");
  expect(text).toMatch(/one .*30 %$/m);
  expect(text).toMatch(/two .*some, by the labels$/m);
  expect(text).toEndWith(`podium competition verify films\none: ${"a".repeat(64)}`);
});
