import { expect, test } from "bun:test";
import { opaqueId, seededShuffle } from "./random.ts";

test("the same seed gives the same order, another seed another order, and nothing is lost", () => {
  const items = Array.from({ length: 200 }, (_, index) => index);
  const shuffled = seededShuffle(items, 7);
  expect(seededShuffle(items, 7)).toEqual(shuffled);
  expect(seededShuffle(items, 8)).not.toEqual(shuffled);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
});

test("every item reaches every place about equally often", () => {
  const places = [0, 0, 0, 0];
  for (let seed = 0; seed < 4000; seed++) {
    const place = seededShuffle([0, 1, 2, 3], seed).indexOf(0);
    places[place] = (places[place] ?? 0) + 1;
  }
  for (const count of places) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test("ids are stable and differ by kind and place", () => {
  expect(opaqueId("film", 0)).toBe(opaqueId("film", 0));
  const ids = ["film", "day"].flatMap((kind) => [0, 1, 2].map((place) => opaqueId(kind, place)));
  expect(new Set(ids).size).toBe(6);
});
