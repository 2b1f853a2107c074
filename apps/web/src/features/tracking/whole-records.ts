/**
 * Points of a page without its last record where the page is full: one report has several values under one
 * `seq`, and a full page may end in their midst. What is left out comes whole with the next page.
 */
export function wholeRecords<T extends { seq: number }>(points: readonly T[], limit: number): readonly T[] {
  const last = points.at(-1);
  if (last === undefined || points.length < limit) return points;
  const whole = points.filter((point) => point.seq !== last.seq);
  // one report larger than a page: it can't be told apart, so it is taken as it came
  return whole.length === 0 ? points : whole;
}
