/**
 * Fewest insertions, deletions and substitutions that turn one sequence into the other (Levenshtein 1966), by rows
 * of the table of Wagner and Fischer (1974).
 */
export function editDistance<T>(from: readonly T[], to: readonly T[]): number {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let [fromEnd, toEnd] = [from.length, to.length];
  while (fromEnd > start && toEnd > start && from[fromEnd - 1] === to[toEnd - 1]) {
    fromEnd -= 1;
    toEnd -= 1;
  }
  const width = toEnd - start;
  const costs = Uint32Array.from({ length: width + 1 }, (_, at) => at);
  for (let row = start; row < fromEnd; row += 1) {
    let diagonal = costs[0] as number;
    costs[0] = diagonal + 1;
    for (let at = 1; at <= width; at += 1) {
      const above = costs[at] as number;
      const same = from[row] === to[start + at - 1] ? 0 : 1;
      costs[at] = Math.min(diagonal + same, above + 1, (costs[at - 1] as number) + 1);
      diagonal = above;
    }
  }
  return costs[width] as number;
}

/** A stretch of the source, and what takes its place: units, parted by a zero character. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The edits of one shortest way from `source` to `target`, neighbours joined into one, in order. Of several
 * shortest ways always the same: from the end, a match or substitution comes before a deletion, that before an
 * insertion.
 */
export function editsBetween(source: readonly string[], target: readonly string[]): Edit[] {
  const width = target.length + 1;
  const costs = costTable(source, target);
  const steps: Edit[] = [];
  let [from, to] = [source.length, target.length];
  while (from > 0 || to > 0) {
    const cost = costs[from * width + to] as number;
    const same = from > 0 && to > 0 && source[from - 1] === target[to - 1];
    if (from > 0 && to > 0 && (costs[(from - 1) * width + to - 1] as number) + (same ? 0 : 1) === cost) {
      if (!same) steps.push({ start: from - 1, end: from, text: target[to - 1] as string });
      from -= 1;
      to -= 1;
    } else if (from > 0 && (costs[(from - 1) * width + to] as number) + 1 === cost) {
      steps.push({ start: from - 1, end: from, text: "" });
      from -= 1;
    } else {
      steps.push({ start: from, end: from, text: target[to - 1] as string });
      to -= 1;
    }
  }
  return joined(steps.reverse());
}

function costTable(source: readonly string[], target: readonly string[]): Uint32Array {
  const width = target.length + 1;
  const costs = new Uint32Array((source.length + 1) * width);
  for (let to = 0; to < width; to += 1) costs[to] = to;
  for (let from = 1; from <= source.length; from += 1) {
    costs[from * width] = from;
    for (let to = 1; to < width; to += 1) {
      const same = source[from - 1] === target[to - 1] ? 0 : 1;
      costs[from * width + to] = Math.min(
        (costs[(from - 1) * width + to - 1] as number) + same,
        (costs[(from - 1) * width + to] as number) + 1,
        (costs[from * width + to - 1] as number) + 1,
      );
    }
  }
  return costs;
}

function joined(steps: readonly Edit[]): Edit[] {
  const edits: Edit[] = [];
  for (const step of steps) {
    const last = edits.at(-1);
    if (last && last.end === step.start) {
      const text = [last.text, step.text].filter((one) => one !== "").join("\0");
      edits[edits.length - 1] = { start: last.start, end: step.end, text };
    } else edits.push(step);
  }
  return edits;
}
