export interface Point {
  x: number;
  y: number;
}

/** Dots of one character, by column and row: the four rows of the left column first. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const EMPTY = 0x2800;

/**
 * Draws a line through points in the order of their x, on so many characters (2 × 4 dots each), as lines of text from
 * the top down. Its range is that of the points; one value alone lies in the middle. There must be at least one point.
 */
export function drawLine(points: readonly Point[], size: { columns: number; rows: number }): string[] {
  const [width, height] = [size.columns * 2, size.rows * 4];
  const place = {
    x: scaleOf(
      points.map(({ x }) => x),
      width,
    ),
    y: scaleOf(
      points.map(({ y }) => y),
      height,
    ),
  };
  const cells = Array.from({ length: size.rows }, () => new Uint8Array(size.columns));
  const dot = (x: number, y: number) => {
    const line = cells[size.rows - 1 - Math.floor(y / 4)];
    const cell = Math.floor(x / 2);
    if (line) line[cell] = (line[cell] ?? 0) | (DOTS[x % 2 === 0 ? 0 : 1][3 - (y % 4)] ?? 0);
  };
  const sorted = points.toSorted((a, b) => a.x - b.x).map(({ x, y }) => ({ x: place.x(x), y: place.y(y) }));
  for (const [index, to] of sorted.entries()) {
    const from = sorted[Math.max(0, index - 1)] ?? to;
    const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    for (let step = 0; step <= steps; step++)
      dot(
        Math.round(from.x + ((to.x - from.x) * step) / steps),
        Math.round(from.y + ((to.y - from.y) * step) / steps),
      );
  }
  return cells.map((line) => String.fromCodePoint(...Array.from(line, (dots) => EMPTY + dots)));
}

/** Where a value lies among so many dots. */
function scaleOf(values: readonly number[], dots: number): (value: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  // Halved first, so that the range of the largest numbers is no infinity.
  const range = high / 2 - low / 2;
  return (value) =>
    range === 0 ? Math.floor(dots / 2) : Math.round(((value / 2 - low / 2) / range) * (dots - 1));
}
