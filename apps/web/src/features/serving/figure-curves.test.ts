import { expect, test } from "bun:test";
import type { EndpointPoint } from "../../api/types.ts";
import { failed, type Series, scaledCurves } from "./figure-curves.ts";

const point = (at: string, calls: number): EndpointPoint => ({
  at,
  calls,
  errors: {
    invalid: 1,
    denied: 0,
    rejected: 0,
    canceled: 0,
    model: 2,
    unavailable: 0,
    timeout: 0,
    internal: 0,
  },
  latency_ms: { mean: null, p50: null, p95: calls * 10, p99: null },
  stages_ms: { queue: null, batch: null, transport: null, compute: null },
  batch_size: null,
  max_waiting: 0,
});

const series: Series = {
  from: "2026-01-01T00:00:30Z",
  to: "2026-01-01T00:04:30Z",
  step_seconds: 60,
  points: [point("2026-01-01T00:01:00Z", 120), point("2026-01-01T00:03:00Z", 60)],
  versions: [],
  batch_sizes: [],
};
const shares = (curves: ReturnType<typeof scaledCurves>["curves"]) =>
  curves.map(({ moments }) => moments.map(({ share }) => share));

test("a rate is nought in the steps in which nothing happened; the step that is not over is left out", () => {
  const { curves, largest } = scaledCurves(series, [{ title: "calls", read: ({ calls }) => calls / 60 }], 0);
  expect(largest).toBe(2);
  expect(shares(curves)).toEqual([[1, 0, 0.5]]);
});

test("a latency is nothing where nothing was answered; all lines have one scale", () => {
  const lines = [
    { title: "p95", read: ({ latency_ms }: EndpointPoint) => latency_ms.p95 },
    { title: "p99", read: ({ latency_ms }: EndpointPoint) => latency_ms.p99 },
  ];
  const { curves, largest } = scaledCurves(series, lines, null);
  expect(largest).toBe(1200);
  expect(shares(curves)).toEqual([
    [1, 0.5],
    [null, null],
  ]);
});

test("failures are of all classes", () => {
  expect(failed(point("2026-01-01T00:01:00Z", 1))).toBe(3);
});
