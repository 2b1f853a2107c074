import { expect, test } from "bun:test";
import type { MetricPoint } from "../../api/types.ts";
import { alignSeries, groupMetrics, seriesOf } from "./metric-groups.ts";

const point = (seq: number, name: string, step: number | null, value: number | null): MetricPoint => ({
  seq,
  rank: 0,
  name,
  step,
  value,
  at: "2026-01-01T00:00:00Z",
});

const shownGroups = (names: string[]) =>
  groupMetrics(names).map(({ title, metrics }) => [title, metrics.map(({ label }) => label)]);

test("metrics are grouped by what stands before the slash, plain ones first", () => {
  expect(shownGroups(["val/mae", "val/mse", "train/loss", "train/lr/1", "epoch", "/odd", "odd/"])).toEqual([
    ["", ["/odd", "epoch", "odd/"]],
    ["train", ["loss", "lr/1"]],
    ["val", ["mae", "mse"]],
  ]);
});

test("a metric that would be alone in its group needs no heading: it keeps its whole name", () => {
  expect(shownGroups(["train/loss", "val/mse"])).toEqual([["", ["train/loss", "val/mse"]]]);
  expect(groupMetrics([])).toEqual([]);
});

test("two underscores stand for a slash, as keyword arguments need it", () => {
  expect(groupMetrics(["train__loss", "train__lr", "a_b"])).toEqual([
    { title: "", metrics: [{ name: "a_b", label: "a_b" }] },
    {
      title: "train",
      metrics: [
        { name: "train__loss", label: "loss" },
        { name: "train__lr", label: "lr" },
      ],
    },
  ]);
});

test("points arrive in any order and come out by step; a repeated step keeps its latest value", () => {
  const points = [
    point(3, "loss", 1, 0.4),
    point(1, "loss", 1, 0.9),
    point(2, "loss", 2, 0.5),
    point(4, "loss", 3, null),
  ];
  expect(seriesOf(points).get("loss")).toEqual({ xs: [1, 2, 3], ys: [0.4, 0.5, null] });
});

test("metrics without steps are counted", () => {
  const series = seriesOf([point(1, "loss", null, 0.9), point(5, "loss", null, 0.5)]);
  expect(series.get("loss")).toEqual({ xs: [1, 2], ys: [0.9, 0.5] });
});

test("series with different steps share one axis; not a number is told apart from not reported", () => {
  const { xs, ys } = alignSeries([
    { xs: [1, 3], ys: [10, null] },
    { xs: [2, 3], ys: [20, 30] },
  ]);
  expect(xs).toEqual([1, 2, 3]);
  expect(ys).toEqual([
    [10, undefined, null],
    [undefined, 20, 30],
  ]);
});
