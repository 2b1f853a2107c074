import { expect, test } from "bun:test";
import { faultOfScorer, type ScorerRun, worriesAbout } from "./scorer-run.ts";

const RUN: ScorerRun = {
  name: "acme/films-one/7",
  failure: null,
  started_at: "2026-01-01T00:00:00Z",
  ended_at: "2026-01-01T00:00:02Z",
  timeout_ms: 60_000,
  logBytes: 100,
};
type Code = NonNullable<ScorerRun["failure"]>["code"];
const failed = (code: Code, message: string): ScorerRun => ({
  ...RUN,
  failure: { code, message, location: null, hint: null },
});

test("a scorer that hangs, takes too much, or gives no score is a NO that says what to do", () => {
  for (const [code, message, words] of [
    ["timeout", "It took longer than 60 s.", "does not end within its time limit (60 s)"],
    ["out_of_memory", "It used 2 GiB.", "raise scorer.memory_bytes"],
    ["disk_full", "It filled its disk.", "writes too much"],
    ["user_error", 'The scorer gave no value called "f1"; it gave score.', 'no value called "f1"'],
    ["user_error", "The session wrote more than 64 MiB of log.", "more than 64 MiB of log"],
    ["prepare_failed", "No such image.", "could not be run (prepare_failed)"],
  ] as const)
    expect(faultOfScorer("one", failed(code, message))).toMatchObject({
      result: "wrong",
      detail: expect.stringContaining(words),
    });
});

test("one that ends with an error of its own may mean the file; one that scores has no fault", () => {
  for (const message of [
    "The scoring program ended with exit code 1.",
    "The scoring program was ended by signal 11.",
  ])
    expect(faultOfScorer("one", failed("user_error", message))).toBeNull();
  expect(faultOfScorer("one", RUN)).toBeNull();
  expect(worriesAbout("one", RUN)).toEqual([]);
});

test("one that prints a lot, or needs most of its time, is doubtful although it scores", () => {
  expect(worriesAbout("one", { ...RUN, logBytes: 5 * 1024 ** 2 })).toMatchObject([
    { what: "one: log", result: "doubtful", detail: expect.stringContaining("5 MiB") },
  ]);
  expect(worriesAbout("one", { ...RUN, timeout_ms: 3_000 })).toMatchObject([
    { what: "one: time", result: "doubtful", detail: expect.stringContaining("2 s of 3 s") },
  ]);
});
