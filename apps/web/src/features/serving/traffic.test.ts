import { expect, test } from "bun:test";
import { curlFor, mayTakeTraffic, sharesText, sharesTyped } from "./traffic.ts";

test("what is typed adds up, and versions that get nothing are not named", () => {
  const typed = new Map([
    [1, "33.3"],
    [2, "66.7"],
    [3, "0"],
    [4, ""],
  ]);
  expect(sharesTyped(typed)).toEqual({
    shares: [
      { version: 1, percent: 33.3 },
      { version: 2, percent: 66.7 },
    ],
    total: 100,
  });
  expect(sharesTyped(new Map([[1, "90"]])).total).toBe(90);
});

test("shares are said by version, and none at all as that", () => {
  expect(
    sharesText([
      { version: 1, percent: 90 },
      { version: 2, percent: 10 },
    ]),
  ).toBe("version 1: 90 %, version 2: 10 %");
  expect(sharesText([])).toBe("no traffic");
});

test("a version that has ended takes no traffic, one that sleeps does", () => {
  const states = ["starting", "ready", "idle", "draining", "stopped", "failed"] as const;
  expect(states.filter((state) => mayTakeTraffic({ state }))).toEqual(["starting", "ready", "idle"]);
});

test("the call to copy has a key only where one is needed", () => {
  expect(curlFor("http://gateway/films", true)).not.toContain("Authorization");
  expect(curlFor("http://gateway/films", false)).toContain("Bearer YOUR_KEY");
});
