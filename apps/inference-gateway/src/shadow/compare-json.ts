import type { Tally } from "./tally.ts";

const text = new TextDecoder();

/** Compares two JSON documents; bytes that are none must be equal. */
export function compareJson(a: Uint8Array, b: Uint8Array, tally: Tally) {
  const [one, other] = [parse(a), parse(b)];
  if (one === NO_JSON || other === NO_JSON) {
    if (Buffer.compare(a, b) !== 0) tally.differ("the answer");
    return;
  }
  compareValues(one, other, "", tally);
}

const NO_JSON = Symbol("not JSON");

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text.decode(bytes));
  } catch {
    return NO_JSON;
  }
}

function compareValues(a: unknown, b: unknown, path: string, tally: Tally) {
  if (typeof a === "number" && typeof b === "number") tally.numbers(a, b, () => path || "the answer");
  else if (Array.isArray(a) && Array.isArray(b)) compareLists(a, b, path, tally);
  else if (isObject(a) && isObject(b)) compareObjects(a, b, path, tally);
  else if (a !== b) tally.differ(path || "the answer");
}

function compareLists(a: unknown[], b: unknown[], path: string, tally: Tally) {
  if (a.length !== b.length) return tally.differ(`length of ${path || "the list"}`);
  for (const [index, value] of a.entries()) compareValues(value, b[index], `${path}[${index}]`, tally);
}

function compareObjects(a: Record<string, unknown>, b: Record<string, unknown>, path: string, tally: Tally) {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const place = path === "" ? key : `${path}.${key}`;
    if (Object.hasOwn(a, key) && Object.hasOwn(b, key)) compareValues(a[key], b[key], place, tally);
    else tally.differ(place);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
