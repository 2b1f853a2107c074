export interface Moment {
  /** milliseconds since the epoch */
  atMs: number;
  /** 0…1; null where it is not known */
  share: number | null;
}

/**
 * An SVG path through the moments of a span, as wide and high as told. Where nothing is known, or for longer than two
 * steps nothing was said, the line breaks off.
 */
export function curvePath(
  moments: readonly Moment[],
  span: { fromMs: number; toMs: number; stepMs: number },
  box: { width: number; height: number },
): string {
  let path = "";
  let before: number | null = null;
  for (const { atMs, share } of moments) {
    if (share === null) {
      before = null;
      continue;
    }
    const x = ((atMs - span.fromMs) / (span.toMs - span.fromMs)) * box.width;
    const y = (1 - Math.min(1, Math.max(0, share))) * box.height;
    const joins = before !== null && atMs - before <= 2 * span.stepMs;
    path += `${joins ? "L" : "M"}${round(x)} ${round(y)}`;
    before = atMs;
  }
  return path;
}

/** A share of a total; null where there is nothing to have a share of. */
export const shareOf = (part: number, total: number): number | null => (total > 0 ? part / total : null);

const round = (value: number) => Math.round(value * 10) / 10;
