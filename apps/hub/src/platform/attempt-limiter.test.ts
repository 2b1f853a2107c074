import { expect, test } from "bun:test";
import { createAttemptLimiter } from "./attempt-limiter.ts";
import { fixedClock } from "./clock.ts";

const MINUTE_MS = 60_000;
const start = () => {
  const clock = fixedClock("2026-01-01T12:00:00Z");
  return { clock, limiter: createAttemptLimiter(clock, MINUTE_MS) };
};

test("after so many attempts the next one is told how long to wait; then it may try again", () => {
  const { clock, limiter } = start();
  for (let attempt = 0; attempt < 3; attempt++) limiter.take("ann", 3);
  clock.advance(20_000);
  expect(() => limiter.take("ann", 3)).toThrow("Too many attempts. Try again in 40 s.");
  clock.advance(40_000);
  expect(() => limiter.take("ann", 3)).not.toThrow();
});

test("a refused attempt does not make the wait longer", () => {
  const { clock, limiter } = start();
  limiter.take("ann", 1);
  for (let attempt = 0; attempt < 5; attempt++) expect(() => limiter.take("ann", 1)).toThrow();
  clock.advance(MINUTE_MS);
  expect(() => limiter.take("ann", 1)).not.toThrow();
});

test("one's attempts don't count against another, and a right one clears the count", () => {
  const { limiter } = start();
  limiter.take("ann", 1);
  expect(() => limiter.take("bob", 1)).not.toThrow();
  limiter.forgive("ann");
  expect(() => limiter.take("ann", 1)).not.toThrow();
});

test("a flood of names does not fill the memory: what has run out is dropped", () => {
  const { clock, limiter } = start();
  for (let name = 0; name < 150_000; name++) limiter.take(`name-${name}`, 1);
  expect(() => limiter.take("name-149999", 1)).toThrow();
  expect(() => limiter.take("name-0", 1)).not.toThrow();
  clock.advance(MINUTE_MS);
  expect(() => limiter.take("name-149999", 1)).not.toThrow();
});
