import { expect, test } from "bun:test";
import type { Attempt } from "../../api/types.ts";
import { completeness, endingOf } from "./completeness.ts";

const AT = "2026-01-01T12:00:00Z";
const attempt = (more: Partial<Attempt>) =>
  ({
    number: 1,
    state: "running",
    recorded_until: null,
    ended_at: null,
    complete: false,
    ...more,
  }) as Attempt;
const said = (...attempts: Attempt[]) =>
  completeness(attempts)
    .map((part) => (typeof part === "string" ? part : `<${part.at}>`))
    .join("");

test("says up to where records have arrived, and that all have", () => {
  expect(said()).toBe("It has not been placed yet.");
  expect(said(attempt({}))).toBe("Nothing of its log and metrics has arrived yet.");
  expect(said(attempt({ recorded_until: AT }))).toBe(`Log and metrics are complete up to <${AT}>.`);
  expect(said(attempt({ state: "ended", complete: true }))).toBe("Log and metrics are all there.");
});

test("says of lost attempts when that was, and what is missing", () => {
  const lost = attempt({ state: "lost", ended_at: AT, recorded_until: AT });
  expect(said(lost, attempt({ number: 2, state: "ended", complete: true }))).toBe(
    `Log and metrics are all there. Attempt 1 was lost at <${AT}>: what it wrote after <${AT}> is missing.`,
  );
});

test("how an attempt ended is said in a word", () => {
  const failure = { code: "node_lost" } as Attempt["failure"];
  const end = (state: Attempt["state"], exit_code: number | null, more: Partial<Attempt> = {}) =>
    endingOf({ state, exit_code, failure: null, was_ended: false, ...more });
  expect(end("preparing", null)).toBe("preparing");
  expect(end("lost", null, { failure })).toBe("node_lost");
  expect(end("ended", 0)).toBe("well");
  expect(end("ended", 3)).toBe("exit code 3");
  expect(end("ended", 143, { was_ended: true })).toBe("stopped");
  expect(end("ended", null)).toBe("stopped");
});
