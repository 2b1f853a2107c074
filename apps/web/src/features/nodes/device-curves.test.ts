import { expect, test } from "bun:test";
import type { NodeSeries } from "../../api/types.ts";
import { deviceCurves } from "./device-curves.ts";

type Point = NodeSeries["points"][number];
const device = (index: number, utilization: number | null) =>
  ({ index, utilization }) as Point["devices"][number];
const point = (second: number, ...devices: Point["devices"]) =>
  ({ at: new Date(second * 1000).toISOString(), devices }) as Point;

test("each GPU has a curve of its own, with gaps where it was not there or not measured", () => {
  const curves = deviceCurves([
    point(0, device(2, 0.5)),
    point(10, device(0, 1), device(2, null)),
    point(20, device(0, 0.25)),
  ]);
  expect(curves.map(({ title, moments }) => [title, moments.map(({ share }) => share)])).toEqual([
    ["GPU 0", [null, 1, 0.25]],
    ["GPU 2", [0.5, null, null]],
  ]);
  expect(deviceCurves([point(0)])).toEqual([]);
});
