import { expect, test } from "bun:test";
import { stopNotice } from "./stop-notice.ts";

test("the log says why a session is to end, and what time it has", () => {
  expect(stopNotice({ type: "stop", reason: "paused by its team" }, 10_000)).toBe(
    "The session is to end: paused by its team. It is asked for a checkpoint and has 10 s for it.",
  );
  expect(stopNotice({ type: "stop", reason: "credits_exhausted" }, 500)).toContain("credit is used up");
  const failure = { code: "timeout" as const, message: "It ran too long.", location: null, hint: null };
  expect(stopNotice({ type: "failure", failure }, 1_000)).toStartWith("It ran too long. It is asked");
});
