import { expect, test } from "bun:test";
import { ruleInWords, ruleOf, ruleQuery } from "./survivor-rule.ts";

test("what is typed becomes a rule once it is one", () => {
  expect(ruleOf("top", "3")).toEqual({ top: 3 });
  expect(ruleOf("share", "12.5")).toEqual({ share: 0.125 });
  expect(ruleOf("score", "-0.5")).toEqual({ score: -0.5 });
  expect(ruleOf("all", "")).toEqual({ all: true });
  for (const [kind, value] of [
    ["top", "1.5"],
    ["top", "0"],
    ["share", "101"],
    ["score", ""],
    ["top", "x"],
  ] as const)
    expect(ruleOf(kind, value)).toBeNull();
});

test("a rule reads as who goes on, and asks for its preview", () => {
  expect(ruleInWords({ share: 0.07 }, "ascending")).toBe("the best 7 % of the scored entrants");
  expect(ruleInWords({ score: 0.8 }, "descending")).toBe("everybody with a score of 0.8 or more");
  expect(ruleQuery({ all: true })).toEqual({ all: "true" });
  expect(ruleQuery(null)).toEqual({});
});
