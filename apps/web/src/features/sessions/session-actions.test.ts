import { expect, test } from "bun:test";
import type { Session } from "../../api/types.ts";
import { verbsOf } from "./session-actions.tsx";

const verbs = (session: Partial<Session>, ended = false) =>
  verbsOf({ kind: "train", state: "running", after_stop: null, ...session } as Session, ended);

test("a session offers what can be done to it now", () => {
  expect(verbs({})).toEqual(["pause", "fork"]);
  expect(verbs({ state: "paused" })).toEqual(["resume", "fork"]);
  expect(verbs({ state: "retrying" })).toEqual(["resume", "fork"]);
  expect(verbs({ state: "stopping" })).toEqual(["fork"]);
  expect(verbs({ state: "stopping", after_stop: "queued" })).toEqual(["pause", "fork"]);
  expect(verbs({ state: "succeeded" }, true)).toEqual(["fork"]);
  expect(verbs({ kind: "serve" })).toEqual([]);
});
