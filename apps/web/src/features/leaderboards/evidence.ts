import type { Finding } from "../../api/types.ts";

export interface Evidence {
  entrants: string[];
  submissions: string[];
  /** what was seen, in a sentence */
  text: string;
}

/** The evidence of a finding. What doesn't look like any is left out. */
export function evidenceOf({ kind, evidence }: Pick<Finding, "kind" | "evidence">): Evidence {
  const entrants = texts(evidence["entrants"]);
  return { entrants, submissions: texts(evidence["submissions"]), text: sentence(kind, evidence) };
}

function sentence(kind: Finding["kind"], evidence: Finding["evidence"]): string {
  if (kind === "duplicate") return "Every answer is the same.";
  if (kind === "near_duplicate") {
    const { similarity } = evidence;
    if (typeof similarity !== "number") return "Most answers are the same.";
    // Rounded down: what is almost the same must not read as the same.
    return `About ${Math.floor(similarity * 1000) / 10} % of the answers are the same, within 6 points.`;
  }
  const { small_steps: small, steps } = evidence;
  return typeof small === "number" && typeof steps === "number"
    ? `${small} of ${steps} submissions differ from the one before in few rows alone, as when somebody tries row by row what raises the score.`
    : "One submission after another differs from the one before in few rows alone.";
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
