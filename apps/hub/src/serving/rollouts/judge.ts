import { sketchQuantile } from "@podium/shared";
import { NOTHING, sinceTotals, type Totals } from "../versions/totals.ts";

export interface Rules {
  maxErrorRate: number;
  maxP99Ratio: number | null;
  minCalls: number;
  shadowCalls: number;
  minAgreement: number;
}

/** What was counted of the canary, and of the versions before it together. */
export interface Evidence {
  canary: { now: Totals; atStep: Totals };
  before: { now: Totals; atStep: Totals; atStart: Totals };
}

/** `breach`: go back, and why; `wait`: what is missing; `pass`: this step has shown what it was to show. */
export type Verdict = { is: "breach" | "wait" | "pass"; why: string };

/**
 * Judges a step by what was counted since it began. Errors are weighed against the larger of the rule and what the
 * versions before do at the same time, so that a canary is not blamed for callers whose input every version refuses.
 * A breach that no further call could undo is one before `minCalls` are there. Pure.
 */
export function judge(rules: Rules, { canary, before }: Evidence): Verdict {
  const step = sinceTotals(canary.now, canary.atStep);
  const peers = peersOf(rules, before);
  const errors = judgeErrors(rules, step, peers);
  if (errors) return errors;
  if (step.calls < rules.minCalls)
    return { is: "wait", why: `${step.calls} of ${rules.minCalls} calls that it is judged by` };
  const p99 = sketchQuantile(step.latency, 0.99) ?? 0;
  const seen = `${step.calls} calls, ${step.errors} failed, p99 ${milliseconds(p99)}`;
  const peersP99 = sketchQuantile(peers.latency, 0.99);
  if (rules.maxP99Ratio === null || peersP99 === null) return { is: "pass", why: seen };
  if (peers.calls < rules.minCalls)
    return { is: "pass", why: `${seen}; too few calls before to compare with` };
  const ratio = p99 / peersP99;
  const compared = `its p99 is ${milliseconds(p99)}, ${twoDigits(ratio)} times the ${milliseconds(peersP99)} of the versions before`;
  if (ratio > rules.maxP99Ratio)
    return {
      is: "breach",
      why: `Over ${step.calls} calls ${compared}; the rule allows ${rules.maxP99Ratio} times.`,
    };
  return { is: "pass", why: `${step.calls} calls, ${step.errors} failed, ${compared}` };
}

/** Judges the comparison that comes before the first step. Pure. */
export function judgeShadow(rules: Rules, { canary }: Evidence): Verdict {
  const shadow = sinceTotals(canary.now, canary.atStep).shadow;
  const { compared = 0, agreed = 0, failed = 0, dropped = 0 } = shadow ?? {};
  const wrong = compared - agreed;
  const seen = `${agreed} of ${compared} answers agree (${failed} it did not give)`;
  const mayBeWrong = rules.shadowCalls * (1 - rules.minAgreement);
  const isCertain = wrong > Math.max(mayBeWrong, compared * (1 - rules.minAgreement)) + 1e-9;
  if (isCertain)
    return { is: "breach", why: `As a shadow, ${seen}; the rule wants ${percent(rules.minAgreement)}.` };
  if (compared >= rules.shadowCalls) return { is: "pass", why: seen };
  const left = dropped > 0 ? `; ${dropped} copies were dropped for want of room` : "";
  return { is: "wait", why: `${compared} of ${rules.shadowCalls} answers to compare${left}` };
}

/** The versions before, in this step where they had enough calls, else since the canary began. */
function peersOf({ minCalls }: Rules, { now, atStep, atStart }: Evidence["before"]): Totals {
  const inStep = sinceTotals(now, atStep);
  return inStep.calls >= minCalls ? inStep : sinceTotals(now, atStart);
}

function judgeErrors({ maxErrorRate, minCalls }: Rules, step: Totals, peers: Totals): Verdict | null {
  const peersRate = peers.calls >= minCalls ? peers.errors / peers.calls : 0;
  const allowed = Math.max(maxErrorRate, peersRate);
  if (step.errors <= allowed * Math.max(step.calls, minCalls) + 1e-9) return null;
  const rate = percent(step.errors / Math.max(1, step.calls));
  const against =
    peersRate > maxErrorRate
      ? `the versions before fail ${percent(peersRate)}`
      : `the rule allows ${percent(maxErrorRate)}`;
  const early = step.calls < minCalls ? `, too many for ${minCalls} calls already` : "";
  return { is: "breach", why: `${step.errors} of ${step.calls} calls failed (${rate}${early}); ${against}.` };
}

/** All of them together. */
export function sumOf(totals: readonly Totals[]): Totals {
  return totals.reduce((sum, { calls, errors, latency }) => {
    const counts = { calls: sum.calls + calls, errors: sum.errors + errors, shadow: null };
    const merged = { ...sum.latency };
    for (const [bucket, count] of Object.entries(latency)) merged[bucket] = (merged[bucket] ?? 0) + count;
    return { ...counts, latency: merged };
  }, NOTHING);
}

const twoDigits = (number: number) => String(Number(number.toPrecision(2)));
const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
const milliseconds = (ms: number) => `${Number(ms.toPrecision(3))} ms`;
