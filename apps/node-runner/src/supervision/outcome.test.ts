import { expect, test } from "bun:test";
import { type EndedProcess, failureOf } from "./outcome.ts";

const ended: EndedProcess = {
  cause: null,
  exit_code: 0,
  reported: null,
  last_line: null,
  machine_restarted: false,
  oom: false,
  lost: null,
  ran_into: { disk: false, log: false, processes: false },
  limits: { memory_bytes: 256 * 1024 ** 2, disk_bytes: 1024 ** 3, log_bytes: 1024 ** 2, processes: 20 },
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

const FORK = "BlockingIOError: [Errno 11] Resource temporarily unavailable";
const raised = {
  code: "user_error" as const,
  message: "OSError: [Errno 28]",
  location: "main.py:7",
  hint: null,
};

test("a session that the kernel killed at its memory limit hears of the limit, not of the signal", () => {
  const failure = failureOf({ ...ended, exit_code: 137, oom: true });
  expect(failure).toMatchObject({
    code: "out_of_memory",
    message: "The session reached its memory limit of 256 MiB and was killed.",
  });
  expect(failure?.hint).toContain("more memory");
});

test("a session that survives the death of a worker at the memory limit and succeeds has succeeded", () => {
  expect(failureOf({ ...ended, oom: true })).toBeNull();
});

test("a container that went with its daemon is not the user's fault", () => {
  const lost = "Docker was restarted.";
  expect(failureOf({ ...ended, exit_code: 137, lost })).toMatchObject({ code: "node_lost", message: lost });
});

test("a script that failed with a full disk is told the limit, its own words and where it was", () => {
  const ran_into = { disk: true, log: false, processes: false };
  const failure = failureOf({ ...ended, exit_code: 1, reported: raised, ran_into });
  expect(failure).toMatchObject({
    code: "disk_full",
    message: "The session filled its disk; its limit is 1 GiB. It ended with: OSError: [Errno 28]",
    location: "main.py:7",
  });
  expect(failure?.hint).toContain("--disk");
});

test("a script that failed when it was refused a process is told the limit", () => {
  const failure = failureOf({
    ...ended,
    exit_code: 1,
    last_line: FORK,
    ran_into: { disk: false, log: false, processes: true },
  });
  expect(failure?.message).toBe(
    `The session had 20 processes and was refused more. It ended with: The script exited with code 1: ${FORK}`,
  );
});

test("a script whose log has no room any more is told that, though its own disk is not full", () => {
  const ran_into = { disk: false, log: true, processes: false };
  expect(failureOf({ ...ended, exit_code: 1, reported: raised, ran_into })).toMatchObject({
    code: "user_error",
    message: "The session wrote more than 1 MiB of log.",
    location: "main.py:7",
  });
});

test("an error that a refused process gives comes with the limit, though nobody saw the refusal", () => {
  const failure = failureOf({ ...ended, exit_code: 1, last_line: FORK });
  expect(failure?.message).toBe(`The script exited with code 1: ${FORK}`);
  expect(failure?.hint).toContain("may have 20 at once. Use fewer workers.");
});

test("a limit that a script met and got over is not blamed for another fault", () => {
  const ran_into = { disk: true, log: true, processes: true };
  expect(failureOf({ ...ended, exit_code: 1, last_line: "ValueError: x", ran_into })).toMatchObject({
    code: "user_error",
    message: "The script exited with code 1: ValueError: x",
  });
});
