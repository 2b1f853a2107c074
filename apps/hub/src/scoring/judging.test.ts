import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { judgingOf, scorerVersion } from "./judging.ts";

/** A contest's rules by what differs. */
function versionOf(
  definition: Record<string, unknown> = {},
  round: Record<string, unknown> = {},
  trees: { labelsTree?: string; scorerTree?: string } = {},
) {
  const parsed = competitionDefinitionSchema.parse({
    version: 1,
    name: "contest",
    title: "A contest",
    metric: { name: "f1_binary", positive_label: "yes" },
    rounds: [{ name: "one", train: "t", inputs: "i", labels: "l", target_field: "y", ...round }],
    ...definition,
  });
  const [first] = parsed.rounds;
  if (!first) throw new Error("a round");
  const row = { definition: first, labelsTree: "tree", sampleLabelsTree: null, scorerTree: null, ...trees };
  return scorerVersion(judgingOf({ definition: parsed, round: row }, false));
}

const scorer = { program: "scorer", convention: "nsml" };
const custom = { metric: { name: "custom", order: "ascending" }, scorer };

test("a scorer version changes with everything that changes a score", () => {
  const others = [
    versionOf(),
    versionOf({ metric: { name: "f1_binary", positive_label: "no" } }),
    versionOf({ columns: [{ key: "mcc", metric: { name: "mcc" } }] }),
    versionOf({}, { target_field: "z" }),
    versionOf({}, { id_field: "key" }),
    versionOf({}, { split: { share: 0.5, seed: "s" } }),
    versionOf({}, { split: { share: 0.5, seed: "t" } }),
    versionOf({}, {}, { labelsTree: "other" }),
    versionOf(custom, {}, { scorerTree: "program" }),
    versionOf(custom, {}, { scorerTree: "another" }),
    versionOf({ ...custom, scorer: { ...scorer, image: "python:3.12" } }, {}, { scorerTree: "program" }),
    versionOf({ ...custom, scorer: { ...scorer, convention: "codabench" } }, {}, { scorerTree: "program" }),
  ];
  expect(new Set(others).size).toBe(others.length);
});

test("and with nothing else: titles, precision, limits, a program that no column asks", () => {
  const version = versionOf();
  expect(versionOf({ title: "Another title" })).toBe(version);
  expect(versionOf({}, { limits: { per_day: 3 } })).toBe(version);
  expect(versionOf({}, {}, { scorerTree: "unused" })).toBe(version);
  const columns = (more: object) => [{ key: "mcc", metric: { name: "mcc" }, ...more }];
  expect(versionOf({ columns: columns({}) })).toBe(
    versionOf({ columns: columns({ precision: 2, hidden: true }) }),
  );
});

test("the order in which keys were written down does not matter: the database keeps another one", () => {
  expect(versionOf({ metric: { positive_label: "yes", name: "f1_binary" } })).toBe(versionOf());
});
