import { expect, test } from "bun:test";
import { eachInSlices } from "./others-turn.ts";

test("every item has its step, in order, and others have turns meanwhile", async () => {
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const seen: number[] = [];
  const turns: number[] = [];
  const other = () => {
    turns.push(seen.length);
    if (seen.length < items.length) setImmediate(other);
  };
  setImmediate(other);
  await eachInSlices(items, (item) => seen.push(item));
  expect(seen).toEqual(items);
  expect(turns.filter((count) => count > 0 && count < items.length).length).toBeGreaterThanOrEqual(4);
});

test("a step that throws ends it", async () => {
  const seen: number[] = [];
  const failing = eachInSlices([1, 2, 3], (item) => {
    if (item === 2) throw new Error("no");
    seen.push(item);
  });
  await expect(failing).rejects.toThrow("no");
  expect(seen).toEqual([1]);
});
