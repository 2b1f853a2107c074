import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { layOut } from "./export-layout.ts";

const tree = (digit: string) => digit.repeat(64);

test("every part has its place, whatever it was called, and texts are files again", () => {
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: "films",
    title: "Films",
    pages: [{ name: "rules", title: "Rules", file: "elsewhere/r.md", content: "# Rules" }],
    terms: { content: "Be fair." },
    metric: { name: "custom", order: "ascending" },
    scorer: { program: "some/where", convention: "nsml" },
    rounds: ["one", "two"].map((name) => ({ name, train: ".", inputs: ".", labels: "x", target_field: "y" })),
  });
  const data = ["one", "two"].map((round) => ({
    round,
    train: tree("1"),
    inputs: tree("2"),
    labels: tree("3"),
    scorer: tree("4"),
  }));
  const layout = layOut(definition, data, (id) => (id === tree("3") ? "labels.csv" : null));
  expect(layout.trees).toEqual([
    { path: "data/one/train", treeId: tree("1") },
    { path: "data/one/inputs", treeId: tree("2") },
    { path: "data/one/labels", treeId: tree("3") },
    { path: "data/two/train", treeId: tree("1") },
    { path: "data/two/inputs", treeId: tree("2") },
    { path: "data/two/labels", treeId: tree("3") },
    { path: "scorer", treeId: tree("4") },
  ]);
  expect(layout.texts).toEqual([
    { path: "pages/rules.md", content: "# Rules" },
    { path: "terms.md", content: "Be fair." },
  ]);
  expect(layout.definition).toMatchObject({
    pages: [{ name: "rules", title: "Rules", file: "pages/rules.md" }],
    terms: { file: "terms.md" },
    scorer: { program: "scorer", convention: "nsml" },
    rounds: [{ labels: "data/one/labels/labels.csv" }, { labels: "data/two/labels/labels.csv" }],
  });
  expect(layout.definition.pages[0]?.content).toBeUndefined();
});

test("a round with a program of its own keeps it, wherever that lay", () => {
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: "films",
    title: "Films",
    metric: { name: "custom", order: "ascending" },
    scorer: { program: "some/where", convention: "nsml" },
    rounds: ["one", "two"].map((name) => ({
      name,
      train: ".",
      inputs: ".",
      labels: "x",
      target_field: "y",
      ...(name === "two" ? { scorer_program: "else/where" } : {}),
    })),
  });
  const trees = { train: tree("1"), inputs: tree("2"), labels: tree("3") };
  const data = [
    { round: "one", ...trees, scorer: tree("4") },
    { round: "two", ...trees, scorer: tree("5") },
  ];
  const layout = layOut(definition, data, () => null);
  expect(layout.definition.rounds.map(({ scorer_program }) => scorer_program)).toEqual([
    undefined,
    "data/two/scorer",
  ]);
  expect(layout.trees).toContainEqual({ path: "data/two/scorer", treeId: tree("5") });
  expect(layout.trees).toContainEqual({ path: "scorer", treeId: tree("4") });
});
