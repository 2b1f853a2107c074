import type { NodeSeries } from "../../api/types.ts";
import type { Curve } from "../../ui/curves.tsx";

/** The utilisation of each GPU of a node over time, in the order of their numbers. */
export function deviceCurves(points: NodeSeries["points"]): Curve[] {
  const indexes = new Set(points.flatMap(({ devices }) => devices.map(({ index }) => index)));
  return [...indexes]
    .toSorted((a, b) => a - b)
    .map((index) => ({
      title: `GPU ${index}`,
      moments: points.map(({ at, devices }) => ({
        atMs: Date.parse(at),
        share: devices.find((device) => device.index === index)?.utilization ?? null,
      })),
    }));
}
