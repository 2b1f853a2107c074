import { expect, test } from "bun:test";
import { type OpenReplica, planReplicas } from "./plan-replicas.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const replica = (
  sessionId: string,
  state: OpenReplica["state"],
  minute = 0,
  isPlaced = true,
): OpenReplica => ({
  sessionId,
  state,
  isPlaced,
  createdAt: at(minute),
});

test("missing replicas are started; one that drains is none", () => {
  const replicas = [replica("a", "ready"), replica("b", "draining")];
  expect(planReplicas(3, replicas)).toEqual({ start: 2, drain: [], stop: [] });
  expect(planReplicas(1, replicas)).toEqual({ start: 0, drain: [], stop: [] });
  expect(planReplicas(0, [])).toEqual({ start: 0, drain: [], stop: [] });
});

test("of too many go those in the queue, then those that load, then the youngest that answer", () => {
  const replicas = [
    replica("old", "ready", 0),
    replica("young", "ready", 5),
    replica("loads", "starting", 1),
    replica("waits", "starting", 2, false),
  ];
  expect(planReplicas(3, replicas)).toEqual({ start: 0, drain: [], stop: ["waits"] });
  expect(planReplicas(2, replicas).stop.toSorted()).toEqual(["loads", "waits"]);
  expect(planReplicas(1, replicas)).toMatchObject({ start: 0, drain: ["young"] });
  expect(planReplicas(0, replicas).drain.toSorted()).toEqual(["old", "young"]);
});
