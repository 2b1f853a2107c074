import { expect, test } from "bun:test";
import type { Rollout } from "../../../api/types.ts";
import { isUnderWay, ruleOf, standOf, stepsTyped } from "./state.ts";

const rules = {
  max_error_rate: 0.01,
  max_p99_ratio: null,
  min_calls: 100,
  shadow_calls: 0,
  min_agreement: 0.99,
} as Rollout;

test("where a canary stands is said with its step, and before its first as what it is", () => {
  expect(standOf({ step: 1, steps: [5, 25, 100] })).toBe("25 % of the calls (step 2 of 3)");
  expect(standOf({ step: -1, steps: [100] })).toContain("shadow");
});

test("the rule names what it is judged by, and leaves out what it is not", () => {
  expect(ruleOf(rules)).toBe("at most 1 % of its calls fail. Judged by at least 100 calls a step.");
  const strict = ruleOf({ ...rules, max_p99_ratio: 1.5, shadow_calls: 500 });
  expect(strict).toContain("its p99 is at most 1.5 times that of the versions before");
  expect(strict).toContain("99 % of 500 compared answers agree");
});

test("steps must grow and end with 100", () => {
  expect(stepsTyped("5, 25,50 ,100")).toEqual([5, 25, 50, 100]);
  for (const wrong of ["", "5", "50,5,100", "5,,100", "0,100", "x,100", "5,100,100"])
    expect([wrong, stepsTyped(wrong)]).toEqual([wrong, null]);
});

test("a paused one is under way, one that has ended is not", () => {
  const states = ["running", "paused", "promoted", "rolled_back", "aborted"] as const;
  expect(states.filter((state) => isUnderWay({ state }))).toEqual(["running", "paused"]);
});
