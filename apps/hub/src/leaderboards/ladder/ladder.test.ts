import { expect, test } from "bun:test";
import { seeded } from "../../testing/random.ts";
import { climb, type Rung } from "./ladder.ts";

/** What is shown after each of these losses. */
function shown(submissions: readonly (readonly number[])[]): number[] {
  let rung: Rung | null = null;
  return submissions.map((losses) => {
    rung = climb(rung, Float64Array.from(losses));
    return rung?.mean ?? Number.NaN;
  });
}
const zeroOne = (labels: string, answer: string) =>
  [...labels].map((label, at) => Number(label !== answer[at]));

test("the published example: labels 101110; what is better by no more than chance is not shown", () => {
  const means = shown(["000000", "100000", "101000"].map((answer) => zeroOne("101110", answer)));
  for (const [at, mean] of [0.667, 0.667, 0.333].entries()) expect(means[at]).toBeCloseTo(mean, 3);
});

test("the same again, and what is worse, changes nothing", () => {
  const first = [0.4, 0.1, 0.9, 0.3];
  expect(shown([first, first, [1, 1, 1, 1]])).toEqual(Array(3).fill(0.425));
});

test("one row has no spread: any better loss is shown", () => {
  expect(shown([[0.5], [0.4], [0.4]])).toEqual([0.5, 0.4, 0.4]);
});

test("other rows than before begin anew, and none are no submission", () => {
  expect(
    shown([
      [0.1, 0.1],
      [0.9, 0.9, 0.9],
    ]),
  ).toEqual([0.1, expect.closeTo(0.9, 12)]);
  expect(climb(null, new Float64Array())).toBeNull();
});

test("guessing at random against the board climbs far less than the best of all guesses", () => {
  const random = seeded(11);
  const labels = Array.from({ length: 400 }, () => random.int(2));
  const guesses = Array.from({ length: 300 }, () => labels.map((label) => Number(random.int(2) !== label)));
  const best = Math.min(...guesses.map((losses) => losses.reduce((a, b) => a + b) / losses.length));
  expect(shown(guesses).at(-1)).toBeGreaterThan(best);
});
