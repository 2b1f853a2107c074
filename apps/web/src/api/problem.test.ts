import { expect, test } from "bun:test";
import { ApiError, problemBehind, problemOfBody } from "./problem.ts";

const full = {
  type: "/problems/conflict",
  title: "conflict",
  status: 409,
  code: "conflict",
  detail: "Round 1 is closed.",
};

test("the hub's own words are shown", () => {
  expect(problemOfBody(full, 409).detail).toBe("Round 1 is closed.");
  expect(problemBehind(new ApiError(full))).toEqual(full);
});

test("an answer without an explanation still says what to do", () => {
  const problem = problemOfBody("<html>", 502);
  expect(problem.status).toBe(502);
  expect(problem.detail).toContain("Try again");
});

test("a hub that can't be reached is told apart from one that refuses", () => {
  expect(problemBehind(new TypeError("fetch failed")).code).toBe("unavailable");
  expect(problemBehind(new RangeError("bad")).detail).toContain("bad");
});
