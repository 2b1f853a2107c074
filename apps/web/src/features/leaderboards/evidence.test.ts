import { expect, test } from "bun:test";
import { evidenceOf } from "./evidence.ts";

test("what is almost the same does not read as the same", () => {
  const { text, entrants } = evidenceOf({
    kind: "near_duplicate",
    evidence: { similarity: 0.99996, entrants: ["ada", "bob"], submissions: ["sub_1", "sub_2"] },
  });
  expect(text).toContain("99.9 %");
  expect(entrants).toEqual(["ada", "bob"]);
});

test("probing is told in numbers; evidence of another shape is told without any", () => {
  expect(evidenceOf({ kind: "probing", evidence: { small_steps: 21, steps: 29 } }).text).toContain(
    "21 of 29",
  );
  const odd = evidenceOf({
    kind: "probing",
    evidence: { entrants: "ada", submissions: [1, "sub_2"], steps: null },
  });
  expect(odd).toMatchObject({ entrants: [], submissions: ["sub_2"] });
  expect(odd.text).not.toContain("undefined");
});
