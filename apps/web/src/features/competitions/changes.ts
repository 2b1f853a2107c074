import type { CompetitionChange } from "../../api/types.ts";

interface Line {
  path: string;
  before: string;
  after: string;
}

/** The parts of a definition that an edit changed, as texts. What doesn't look like one is left out. */
export function changesOf({ details }: Pick<CompetitionChange, "details">): Line[] {
  const { changes } = details as { changes?: unknown };
  if (!Array.isArray(changes)) return [];
  return changes.flatMap((change: unknown): Line[] => {
    if (typeof change !== "object" || change === null) return [];
    const { path, before, after } = change as Record<string, unknown>;
    if (typeof path !== "string") return [];
    return [{ path, before: textOf(before), after: textOf(after) }];
  });
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
