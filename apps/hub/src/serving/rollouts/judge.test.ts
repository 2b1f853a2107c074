import { expect, test } from "bun:test";
import { latencyBucket } from "@podium/shared";
import { NOTHING, type Totals } from "../versions/totals.ts";
import { judge, judgeShadow, type Rules } from "./judge.ts";

const RULES: Rules = {
  maxErrorRate: 0.01,
  maxP99Ratio: null,
  minCalls: 100,
  shadowCalls: 0,
  minAgreement: 0.99,
};

const totals = (calls: number, errors = 0, ms = 10): Totals => ({
  calls,
  errors,
  latency: { [latencyBucket(ms)]: calls },
  shadow: null,
});
const evidence = (canary: Totals, before: Totals = NOTHING) => ({
  canary: { now: canary, atStep: NOTHING },
  before: { now: before, atStep: NOTHING, atStart: NOTHING },
});
const verdict = (canary: Totals, before?: Totals, rules: Partial<Rules> = {}) =>
  judge({ ...RULES, ...rules }, evidence(canary, before)).is;

test("errors up to the rule pass, one more does not, and few calls wait unless they can't be made good", () => {
  expect(verdict(totals(1_000, 10))).toBe("pass");
  expect(verdict(totals(1_000, 11))).toBe("breach");
  expect(verdict(totals(50, 1))).toBe("wait");
  expect(verdict(totals(50, 2))).toBe("breach");
  expect(verdict(totals(0))).toBe("wait");
  expect(verdict(totals(100, 0), undefined, { maxErrorRate: 0 })).toBe("pass");
  expect(verdict(totals(1, 1), undefined, { maxErrorRate: 0 })).toBe("breach");
});

test("versions before that had too few calls are no excuse, and nothing to compare a latency with", () => {
  expect(verdict(totals(1_000, 50), totals(99, 20))).toBe("breach");
  expect(verdict(totals(1_000, 50), totals(1_000, 60))).toBe("pass");
  expect(verdict(totals(1_000, 0, 500), totals(99), { maxP99Ratio: 1.5 })).toBe("pass");
  expect(verdict(totals(1_000, 0, 500), totals(100), { maxP99Ratio: 1.5 })).toBe("breach");
  expect(verdict(totals(1_000, 0, 14), totals(100), { maxP99Ratio: 1.5 })).toBe("pass");
});

test("a shadow is judged when enough is compared, or when too much differs to be made good", () => {
  const compared = (agreed: number, all: number) => {
    const shadow = { compared: all, agreed, failed: 0, dropped: 0, numeric: 0, max_difference: 0 };
    const rest = { sum_of_mean_differences: 0, worst: [], latency: {}, primary_latency: {} };
    const rules = { ...RULES, shadowCalls: 200, minAgreement: 0.99 };
    return judgeShadow(rules, evidence({ ...NOTHING, shadow: { ...shadow, ...rest } })).is;
  };
  expect(compared(198, 200)).toBe("pass");
  expect(compared(197, 200)).toBe("breach");
  expect(compared(98, 100)).toBe("wait");
  expect(compared(97, 100)).toBe("breach");
  expect(judgeShadow(RULES, evidence(NOTHING)).is).toBe("pass");
});
