import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { diffDefinitions } from "./diff.ts";

const define = (more: object = {}, round: object = {}) =>
  competitionDefinitionSchema.parse({
    version: 1,
    name: "films",
    title: "Films",
    metric: { name: "mse" },
    rounds: [{ name: "one", train: "a", inputs: "b", labels: "c.csv", target_field: "y", ...round }],
    ...more,
  });

test("nested values, things by their names, and what came or went", () => {
  const before = define({ columns: [{ key: "mae", metric: { name: "mae" } }] });
  const after = define(
    { columns: [{ key: "mae", metric: { name: "mae" }, precision: 2 }], teams: { max_members: 3 } },
    { closes_at: "2030-01-01T00:00:00Z" },
  );
  expect(diffDefinitions(before, after)).toEqual([
    { path: "teams.max_members", before: 5, after: 3 },
    { path: "columns.mae.precision", after: 2 },
    { path: "rounds.one.closes_at", after: "2030-01-01T00:00:00Z" },
  ]);
});

test("names of folders are the organizer's own affair, and a seed is never shown", () => {
  const before = define({}, { split: { share: 0.5, seed: "one" } });
  expect(diffDefinitions(before, define({}, { train: "z", split: { share: 0.5, seed: "two" } }))).toEqual([
    { path: "rounds.one.split.seed", before: "(secret)", after: "(secret)" },
  ]);
  expect(JSON.stringify(diffDefinitions(define(), before))).not.toContain('"one"');
});

test("of a long text only the lines that differ are shown", () => {
  const lines = Array.from({ length: 50 }, (_, line) => `line ${line}`);
  const page = (text: string[]) =>
    define({ pages: [{ name: "rules", title: "Rules", content: text.join("\n") }] });
  expect(diffDefinitions(page(lines), page(lines.with(20, "another")))).toEqual([
    { path: "pages.rules.content", before: "line 20", after: "another" },
  ]);
  const [rewritten] = diffDefinitions(page(lines), page(lines.map((line) => `${line}!`)));
  expect(String(rewritten?.after).split("\n")).toHaveLength(21);
});
