import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { parse } from "yaml";
import { definitionYaml } from "./write-definition.ts";

const define = (more: object = {}, round: object = {}) =>
  competitionDefinitionSchema.parse({
    version: 1,
    name: "films",
    title: "Films",
    metric: { name: "fbeta", beta: 2 },
    rounds: [{ name: "one", train: "a", inputs: "b", labels: "c.csv", target_field: "y", ...round }],
    ...more,
  });

test("defaults are left out, and what is left means the same", () => {
  const definition = define(
    { leaderboard: { counts: "last" } },
    { limits: { per_day: 3 }, survivors: { top: 2 } },
  );
  const yaml = definitionYaml(definition);
  expect(parse(yaml)).toEqual({
    version: 1,
    name: "films",
    title: "Films",
    metric: { name: "fbeta", beta: 2 },
    leaderboard: { counts: "last" },
    rounds: [
      {
        name: "one",
        train: "a",
        inputs: "b",
        labels: "c.csv",
        target_field: "y",
        survivors: { top: 2 },
        limits: { per_day: 3 },
      },
    ],
  });
  expect(competitionDefinitionSchema.parse(parse(yaml))).toEqual(definition);
});

test("what organizers look for has a comment beside it", () => {
  expect(definitionYaml(define())).toContain("# What ranks the entrants");
  expect(definitionYaml(define({}, { split: { share: 0.5, seed: "s" } }))).toContain("The seed is a secret");
});

test("texts that look like something else come back as texts", () => {
  for (const title of ["yes", "1.0", "# no comment", "a: b", "line\nline", "  spaces  ", "2026-01-01"])
    expect(competitionDefinitionSchema.parse(parse(definitionYaml(define({ title })))).title).toBe(title);
});
