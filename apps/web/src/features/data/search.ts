import type { DatasetSort } from "../../api/types.ts";

export interface DatasetSearch {
  q?: string;
  tag?: string;
  sort?: DatasetSort;
}

/** Orders of the list, in the words of the page. The first is what one gets without asking. */
export const SORTS: readonly (readonly [DatasetSort, string])[] = [
  ["name", "name"],
  ["last_access", "last access"],
  ["created", "newest"],
  ["size", "size"],
];

/** The search that an address names; an order that doesn't exist is left out. */
export function readSearch(query: URLSearchParams): DatasetSearch {
  const q = query.get("q");
  const tag = query.get("tag");
  const sort = SORTS.find(([one]) => one === query.get("sort"))?.[0];
  return { ...(q && { q }), ...(tag && { tag }), ...(sort && { sort }) };
}

interface Versions {
  from: number;
  to: number;
}

/**
 * The two versions that an address asks to compare, or else the newest and the one before it; null where there are
 * no two. `numbers` are those that there are, newest first.
 */
export function readVersions(query: URLSearchParams, numbers: readonly number[]): Versions | null {
  const [newest, before] = numbers;
  if (newest === undefined || before === undefined) return null;
  const asked = (name: string) => numbers.find((number) => String(number) === query.get(name));
  const to = asked("to") ?? newest;
  return { from: asked("from") ?? numbers.find((number) => number < to) ?? before, to };
}
