import { printable } from "./output.ts";

interface Changed {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** Changes of a definition, as `edit` and `history` print them: one a line, texts by their lines. */
export function describeChanges(changes: readonly Changed[]): string {
  return changes
    .flatMap(({ path, before, after }) => {
      const [old, now] = [textOf(before), textOf(after)];
      if (![old, now].some((text) => text?.includes("\n")))
        return [`${path}: ${old ?? "(nothing)"} → ${now ?? "(nothing)"}`];
      return [`${path}:`, ...marked("-", old), ...marked("+", now)];
    })
    .map(printable)
    .join("\n");
}

const marked = (sign: string, text: string | null) =>
  text === null ? [] : text.split("\n").map((line) => `  ${sign} ${line}`);

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
