/** Integers up to here are exact as doubles: labels beyond are compared as text. */
const MAX_EXACT = Number.MAX_SAFE_INTEGER;
const NUMBER = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i;

/** When every label is a number, numbers that are written differently are equal: "1", "1.0" and "01". */
export function areNumbers(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every((text) => numberIn(text) !== null);
}

/** The one spelling of a label that all equal labels share. */
export function canonical(text: string, numeric: boolean): string {
  const trimmed = text.trim();
  const number = numeric ? numberIn(trimmed) : null;
  // Adding 0 makes −0 and 0 one class.
  return number === null ? trimmed : String(number + 0);
}

export const isNotFinite = (text: string): boolean => NOT_FINITE.test(text.trim());

/** Order of classes, for metrics with distances between them: as numbers if they all are, else by code point. */
export function inOrder(classes: readonly string[], numeric: boolean): string[] {
  if (numeric) return [...classes].sort((a, b) => Number(a) - Number(b) || byCodePoint(a, b));
  return [...classes].sort(byCodePoint);
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function numberIn(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const number = Number(text.replaceAll("_", ""));
  return Math.abs(number) <= MAX_EXACT ? number : null;
}
