import { createHash } from "node:crypto";

/** Uniform numbers in [0, 1), the same for the same seed on every machine (mulberry32 by T. Ettinger). */
function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A copy in the order of one random key per item, the same for the same seed. */
export function seededShuffle<T>(items: readonly T[], seed: number): T[] {
  const next = seededNumbers(seed);
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/**
 * An id such as `film-1cd4d7ec4cac` that tells neither the row's place in the source nor anything about the row.
 * The kind in front keeps readers of CSV from taking it for a number (`12e456789012` would be one).
 */
export function opaqueId(kind: string, place: number): string {
  return `${kind}-${createHash("sha256").update(`${kind}/${place}`).digest("hex").slice(0, 12)}`;
}
