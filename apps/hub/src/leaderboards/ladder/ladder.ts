/** What the Ladder shows of an entrant: the best mean loss that was better by more than chance, and its losses. */
export interface Rung {
  mean: number;
  losses: Float64Array;
}

/** Two means that differ by no more than floating-point noise are the same: the rule's edge is a real one. */
const NOISE = 1e-12;

/**
 * One step of the parameter-free Ladder (Blum and Hardt, "The Ladder", ICML 2015, figure 2): a submission is shown
 * only when its mean loss lies more than one standard error of the paired difference below what is shown.
 * @param losses  one loss a row, smaller is better, finite
 * @returns the rung that is shown from now on: a new one, or `shown` itself
 */
export function climb(shown: Rung | null, losses: Float64Array): Rung | null {
  if (losses.length === 0) return shown;
  const mean = meanOf(losses);
  if (shown === null) return { mean, losses };
  // Other rows than before: the labels were replaced, and nothing can be compared.
  if (shown.losses.length !== losses.length) return { mean, losses };
  const error = standardError(losses, shown.losses);
  const bar = shown.mean - error;
  return mean < bar - NOISE * Math.max(1, Math.abs(bar)) ? { mean, losses } : shown;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Standard error of the mean of a − b. */
function standardError(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  if (n < 2) return 0;
  let sum = 0;
  for (let at = 0; at < n; at += 1) sum += (a[at] ?? 0) - (b[at] ?? 0);
  const mean = sum / n;
  let squares = 0;
  for (let at = 0; at < n; at += 1) squares += ((a[at] ?? 0) - (b[at] ?? 0) - mean) ** 2;
  return Math.sqrt(squares / (n - 1) / n);
}
