import { expect, test } from "bun:test";
import { hubTimes } from "./node-time.ts";

const NOON = new Date("2026-01-01T12:00:00Z");
const report = {
  attempt_id: "att_1",
  epoch: 1,
  state: "ended",
  started_at: "2026-01-01T12:59:00Z",
  ended_at: "2026-01-01T12:59:30+00:00",
  exit_code: 0,
  failure: null,
  final_seq: 0,
  replica: null,
} as const;

test("times of a node whose clock is ahead are put back by as much", () => {
  expect(hubTimes("2026-01-01T13:00:00Z", NOON)(report)).toMatchObject({
    started_at: "2026-01-01T11:59:00.000Z",
    ended_at: "2026-01-01T11:59:30.000Z",
  });
});

test("a message's journey is no error of the clock", () => {
  expect(hubTimes("2026-01-01T11:59:56Z", NOON)(report)).toEqual(report);
});

test("what has not happened stays so; a time beyond all calendars is now", () => {
  const odd = { ...report, started_at: null, ended_at: "9999-12-31T23:59:59Z" };
  expect(hubTimes("0001-01-01T00:00:00Z", NOON)(odd)).toMatchObject({ started_at: null });
  const { ended_at } = hubTimes("0001-01-01T00:00:00Z", NOON)(odd);
  expect(new Date(ended_at ?? "").getTime()).toBeGreaterThan(NOON.getTime());
});
