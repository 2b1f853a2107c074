import { expect, test } from "bun:test";
import { type EndedProcess, failureOf } from "./outcome.ts";

const ended: EndedProcess = {
  cause: null,
  exit_code: 0,
  reported: null,
  last_line: null,
  machine_restarted: false,
};

test("exit code 0 is a success, whatever was reported on the way", () => {
  expect(failureOf(ended)).toBeNull();
});

test("a stop on request is no failure, though SIGTERM ended it", () => {
  expect(failureOf({ ...ended, exit_code: 143, cause: { type: "stop", reason: "by its owner" } })).toBeNull();
});

test("what the SDK reported is preferred over the exit code", () => {
  const reported = {
    code: "user_error" as const,
    message: "no column 'x'",
    location: "main.py:3",
    hint: null,
  };
  expect(failureOf({ ...ended, exit_code: 1, reported })).toEqual(reported);
});

test("without a report the exit code and the last line tell", () => {
  const { message } = failureOf({ ...ended, exit_code: 2, last_line: "usage: main.py [-h]" }) ?? {};
  expect(message).toBe("The script exited with code 2: usage: main.py [-h]");
});

test("a signal is named", () => {
  expect(failureOf({ ...ended, exit_code: 137 })?.message).toBe(
    "The script was ended by the signal SIGKILL.",
  );
});

test("a restart of the machine is not the user's fault", () => {
  expect(failureOf({ ...ended, exit_code: null, machine_restarted: true })?.code).toBe("node_lost");
});
