import { expect, test } from "bun:test";
import { fairTurn } from "./fair-turn.ts";

const now = new Date("2026-01-01T12:00:00Z");
const MINUTE = 60_000;

test("who has nothing under way is served as it came", () => {
  expect(fairTurn(0, now, 0)).toBe(now.getTime());
});

test("a hundred of one entrant leave the next place to somebody else's single one", () => {
  const turns: number[] = [];
  for (let underWay = 0; underWay < 100; underWay++) turns.push(fairTurn(turns.at(-1) ?? 0, now, underWay));
  const single = fairTurn(0, new Date(now.getTime() + 1), 0);
  expect(turns.filter((turn) => turn < single)).toHaveLength(1);
  expect(turns.toSorted((a, b) => a - b)).toEqual(turns);
});

test("an entrant's submissions keep their order when the ones before have ended", () => {
  const far = now.getTime() + 90 * MINUTE;
  expect(fairTurn(far, now, 1)).toBe(far + 1);
});
