import { expect, test } from "bun:test";
import { parseState } from "./attempt-state.ts";

const RUNNING = {
  phase: "running",
  boot_id: "boot",
  confined: true,
  started_at: "2026-11-26T12:00:00.000Z",
  ended_at: null,
  exit_code: null,
  cause: null,
  failure: null,
  final_seq: null,
};

test("a state that an older runner wrote down names its process as the process executor does now", () => {
  const older = { ...RUNNING, process: { pid: 4711, start_time: 123456 } };
  expect(parseState(JSON.stringify(older))).toEqual({
    ...RUNNING,
    phase: "running",
    environment: null,
    executor: "process",
    handle: "4711:123456",
    oom: false,
    lost: null,
    was_ended: false,
  });
  expect(parseState(JSON.stringify({ ...older, process: null }))).toMatchObject({ handle: null });
});

test("a state of today is read as it was written", () => {
  const state = { ...RUNNING, executor: "docker", handle: "podium-1", oom: true, lost: "Docker went away." };
  expect(parseState(JSON.stringify(state))).toMatchObject(state);
});

test("a state that makes no sense is refused", () => {
  expect(() => parseState('{"phase":"dancing"}')).toThrow();
});
