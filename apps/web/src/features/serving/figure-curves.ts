import type { EndpointPoint, EndpointSeries } from "../../api/types.ts";
import type { Curve } from "../../ui/curves.tsx";

export type Series = EndpointSeries & { from: string; to: string };

export interface Line {
  title: string;
  read: (point: EndpointPoint) => number | null;
}

/**
 * Curves of amounts on one scale from nought to the largest of them.
 * @param quietly what a step in which nothing happened has: 0, or null where there is nothing to say
 */
export function scaledCurves(
  { points, from, to, step_seconds }: Series,
  lines: readonly Line[],
  quietly: 0 | null,
): { curves: Curve[]; largest: number } {
  const steps = quietly === 0 ? everyStep(points, from, to, step_seconds * 1000) : points.map(momentOf);
  const values = lines.map(({ read }) => steps.map(({ point }) => (point ? read(point) : quietly)));
  const largest = Math.max(0, ...values.flat().map((value) => value ?? 0));
  const curves = lines.map(({ title }, line) => ({
    title,
    moments: steps.map(({ atMs }, index) => {
      const value = values[line]?.[index] ?? null;
      return { atMs, share: value === null ? null : value / (largest || 1) };
    }),
  }));
  return { curves, largest };
}

const momentOf = (point: EndpointPoint) => ({ atMs: Date.parse(point.at), point });

/** Every step of the span that is over, with its point where it has one. */
function everyStep(points: readonly EndpointPoint[], from: string, to: string, stepMs: number) {
  const byTime = new Map(points.map((point) => [Date.parse(point.at), point]));
  const first = Math.ceil(Date.parse(from) / stepMs) * stepMs;
  const steps = Math.max(0, Math.floor((Date.parse(to) - first) / stepMs));
  return Array.from({ length: steps }, (_, index) => {
    const atMs = first + index * stepMs;
    return { atMs, point: byTime.get(atMs) ?? null };
  });
}

/** How many were not answered with 200. */
export function failed({ errors }: Pick<EndpointPoint, "errors">): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}
