import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { requireTexts, textsOf } from "./texts.ts";

const define = (more: object) =>
  competitionDefinitionSchema.parse({
    version: 1,
    name: "films",
    title: "Films",
    metric: { name: "mse" },
    rounds: [{ name: "one", train: "a", inputs: "b", labels: "c.csv", target_field: "y" }],
    ...more,
  });

test("a page or terms without text are refused, each by its path", () => {
  const refused = define({
    pages: [{ name: "rules", title: "Rules", file: "rules.md" }],
    terms: { content: " " },
  });
  expect(() => requireTexts(refused)).toThrow('page "rules" has no text; the terms have no text');
  requireTexts(define({}));
});

test("what entrants agree to is named by the hash of its text", () => {
  const terms = "Seid fair – und ehrlich.";
  expect(textsOf(define({ terms: { content: terms } }))).toEqual({
    pages: [],
    terms: { content: terms, sha256: sha256(terms) },
  });
  expect(textsOf(define({}))).toEqual({ pages: [], terms: null });
});
