import type { Survivors } from "../../api/types.ts";
import { count } from "../../format/numbers.ts";

export type SurvivorRule = Survivors["rule"];
export type RuleKind = "top" | "share" | "score" | "all";

/** A round's rule in words: who enters the next one. */
export function ruleInWords(rule: SurvivorRule, order: "ascending" | "descending"): string {
  if ("top" in rule) return rule.top === 1 ? "the best entrant" : `the best ${count(rule.top)} entrants`;
  if ("share" in rule) return `the best ${Number((rule.share * 100).toFixed(2))} % of the scored entrants`;
  if ("score" in rule)
    return `everybody with a score of ${rule.score} or ${order === "ascending" ? "less" : "more"}`;
  return "everybody";
}

/**
 * The rule that somebody has typed, in per cent for a share; null while it is none.
 * @param value  ignored where all go on
 */
export function ruleOf(kind: RuleKind, value: string): SurvivorRule | null {
  if (kind === "all") return { all: true };
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) return null;
  if (kind === "score") return { score: number };
  if (kind === "top") return Number.isInteger(number) && number > 0 ? { top: number } : null;
  return number > 0 && number <= 100 ? { share: number / 100 } : null;
}

/** The same as the parameters of a preview. */
export function ruleQuery(rule: SurvivorRule | null) {
  if (rule === null) return {};
  return "all" in rule ? { all: "true" as const } : rule;
}
