import { expect, test } from "bun:test";
import { type EditedContest, forbiddenChanges } from "./editable.ts";

const NOW = new Date("2026-06-01T00:00:00Z");
const contest = (...states: EditedContest["rounds"][number]["state"][]): EditedContest => ({
  now: NOW,
  rounds: states.map((state, index) => ({ name: `r${index + 1}`, state })),
});
const may = (path: string, before: unknown, after: unknown, given = contest("open", "upcoming")) =>
  forbiddenChanges([{ path, before, after }], given).length === 0;

test("before the first round opens all but the name may change", () => {
  const given = contest("upcoming", "upcoming");
  for (const path of ["metric.name", "columns", "rounds", "rounds.r1.labels", "teams.max_members"])
    expect(may(path, 5, 1, given)).toBe(true);
  expect(may("name", "a", "b", given)).toBe(false);
});

test.each([
  ["rounds.r1.limits.per_day", 5, 6, true],
  ["rounds.r1.limits.per_day", 6, 5, false],
  ["rounds.r1.limits.credits", 6, undefined, true],
  ["rounds.r1.limits.credits", undefined, 6, false],
  ["rounds.r1.limits.infer_timeout", "10m", "1h", true],
  ["rounds.r1.limits.infer_timeout", "1h", "10m", false],
  ["rounds.r1.limits.interval", "1h", "10m", true],
  ["rounds.r1.limits.interval", undefined, "10m", false],
  ["rounds.r1.freeze", "2h", undefined, true],
  ["rounds.r1.freeze", undefined, "2h", false],
  ["rounds.r1.accepts", ["predictions"], ["predictions", "code"], true],
  ["rounds.r1.accepts", ["predictions", "code"], ["code"], false],
  ["rounds.r1.closes_at", "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z", true],
  ["rounds.r1.closes_at", "2026-07-01T00:00:00Z", "2026-05-01T00:00:00Z", false],
  ["rounds.r1.survivors", { top: 3 }, { top: 5 }, false],
  ["rounds.r1.scoring_program", "a", "b", false],
  ["rounds.r2.labels", "a", "b", true],
  ["rounds", ["r1", "r2"], ["r1", "r3", "r2"], true],
  ["rounds", ["r1", "r2"], ["r2", "r1"], false],
  ["metric.name", "mse", "mae", false],
  ["columns.mae.title", "a", "b", true],
  ["columns.mae.metric.name", "mae", "mse", false],
  ["tie_breaks", [], ["mae"], false],
  ["leaderboard.final", "best", "last", false],
  ["leaderboard.visible_to", "everybody", "entrants", true],
  ["teams.max_members", 5, 6, true],
  ["teams.max_members", 6, 5, false],
  ["teams.locked_at", "2026-07-01T00:00:00Z", "2026-06-15T00:00:00Z", false],
  ["terms.content", "a", "b", true],
  ["failed_submissions.refund", true, false, false],
  ["scorer.program", "a", "b", false],
  ["scorer.timeout", "1m", "2m", true],
])("with round 1 open, %s from %j to %j: %p", (path, before, after, allowed) => {
  expect(may(path, before, after)).toBe(allowed);
});

test("of a round that has closed only the title changes", () => {
  const given = contest("closed", "open");
  expect(may("rounds.r1.title", "a", "b", given)).toBe(true);
  expect(may("rounds.r1.limits.per_day", 5, 6, given)).toBe(false);
});
