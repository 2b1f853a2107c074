/** Largest magnitude of a target or a prediction: the square of a difference, summed, stays a finite double. */
export const MAX_NUMBER = 1e150;

/** Integers up to here are exact as doubles: labels beyond are compared as text. */
export const MAX_EXACT_INTEGER = Number.MAX_SAFE_INTEGER;

/** Most classes that a labels file may have; what per-class counts cost is bounded by it. */
export const MAX_CLASSES = 100_000;
