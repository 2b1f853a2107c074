import { expect, test } from "bun:test";
import { type Loss, MAX_LOSSES, replacementOf } from "./replacement.ts";

const START = Date.UTC(2026, 0, 1);
const after = (seconds: number) => new Date(START + seconds * 1000);
const loss = (seconds: number, unpaid = false): Loss => ({
  endedAt: after(seconds),
  reason: "It crashed.",
  unpaid,
});
const asked = (losses: Loss[], seconds: number, more = {}) =>
  replacementOf(losses, { hasLoaded: true, canPay: true, now: after(seconds), ...more });

test("a first loss is made good at once, further ones after longer and longer waits", () => {
  expect(asked([], 0)).toEqual({ allowed: true, givenUp: false, reason: null });
  expect(asked([loss(0)], 0)).toEqual({ allowed: true, givenUp: false, reason: "It crashed." });
  const two = [loss(5), loss(0)];
  expect([asked(two, 14).allowed, asked(two, 15).allowed]).toEqual([false, true]);
  const three = [loss(20), ...two];
  expect([asked(three, 39).allowed, asked(three, 40).allowed]).toEqual([false, true]);
});

test("after five within half an hour no more is started, until that is long ago", () => {
  const losses = Array.from({ length: MAX_LOSSES }, (_, n) => loss(n * 60)).reverse();
  expect(asked(losses, 1_000)).toEqual({ allowed: false, givenUp: true, reason: "It crashed." });
  expect(asked(losses, 1_801)).toEqual({ allowed: true, givenUp: false, reason: "It crashed." });
  expect(asked(losses, 3_600)).toEqual({ allowed: true, givenUp: false, reason: null });
});

test("a model that has never been loaded is not tried again", () => {
  for (const seconds of [0, 86_400])
    expect(asked([loss(0)], seconds, { hasLoaded: false })).toEqual({
      allowed: false,
      givenUp: true,
      reason: "It crashed.",
    });
});

test("without credit nothing is started; with it again, it is, however often that happened", () => {
  const unpaid = Array.from({ length: 8 }, (_, n) => loss(n, true)).reverse();
  expect(asked(unpaid, 700, { canPay: false })).toMatchObject({ allowed: false, givenUp: true });
  expect(asked(unpaid, 700)).toMatchObject({ allowed: true, givenUp: false });
  expect(asked([], 0, { canPay: false }).allowed).toBe(true);
});
