/** Largest magnitude of a target or a prediction: the square of a difference, summed, stays a finite double. */
export const MAX_NUMBER = 1e150;

/** Largest weight of a row. */
export const MAX_WEIGHT = 1e100;

/** Most different labels of a column; what per-class counts cost is bounded by it. */
export const MAX_CLASSES = 100_000;

/** Longest label, characters: all different ones of a column are held at once. */
export const MAX_LABEL = 1_000;

/** Longest text that edits are counted in, characters: their number of steps grows with its square. */
export const MAX_TEXT = 10_000;

/** Most rows of a file; positions fit 32 bits with room. */
export const MAX_ROWS = 2 ** 28;

/** Most columns of a file. */
export const MAX_COLUMNS = 2_000;
