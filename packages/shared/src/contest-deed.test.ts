import { expect, test } from "bun:test";
import { deedOf } from "./contest-deed.ts";

const said = (action: string, details: Record<string, unknown> = {}, who: string | null = null) =>
  deedOf({ action, details, round: "round-1", entrant: who }, (instant) => `<${instant}>`);

test("what an organizer did reads as a sentence, with the numbers that were written down", () => {
  expect(said("rejudging_started", { submissions: 12, labels: true, scorer: false })).toBe(
    'A rejudging of "round-1" began: 12 submissions, with other labels',
  );
  expect(said("rejudged", { scored: 11, failed: 1 })).toBe(
    '"round-1" was judged anew: 12 submissions, 1 of them without a score now',
  );
  expect(said("rejudging_cancelled")).toBe('A rejudging of "round-1" was dropped: nothing changed');
  expect(said("advanced", { survivors: 1 })).toBe('1 survivor of "round-1" entered the next round');
  expect(said("revealed", { until_rank: 3 })).toBe(
    'The final board of "round-1" was revealed from rank 3 down',
  );
  expect(said("revealed")).toBe('The final board of "round-1" was revealed');
  expect(said("banned", { team: "ada" }, "ada")).toBe("ada was excluded");
  expect(said("finding dismissed", { kind: "near_duplicate", entrants: ["ada", "bob"] })).toBe(
    "A finding was dismissed: almost the same answers (ada and bob)",
  );
  expect(said("extended", { closes_at: { before: "noon", after: "night" } })).toBe(
    '"round-1" was extended: it closes <night>',
  );
  expect(said("leaderboard repaired", { rows: 2 })).toContain("in 2 rows, and was made right");
});

test("details that are missing, or other than they were, leave a sentence", () => {
  expect(said("concluded", { survivors: "many" })).toBe('"round-1" ended');
  expect(said("extended", { closes_at: "soon" })).toBe('"round-1" was extended');
  expect(said("rejudging_started")).toBe('A rejudging of "round-1" began: some submissions');
  expect(deedOf({ action: "banned", details: {}, round: null, entrant: null }, String)).toBe(
    "Somebody was excluded",
  );
});

test("an action that this page does not know is shown as it is", () => {
  expect(said("moved_elsewhere", {}, "ada")).toBe("moved elsewhere round-1 ada");
});
