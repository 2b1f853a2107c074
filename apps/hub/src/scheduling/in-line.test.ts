import { expect, test } from "bun:test";
import { node, running, session, snapshot } from "../testing/clusters.ts";
import { decide } from "./decide.ts";
import { comesBefore, takesTurnOf } from "./in-line.ts";

const placed = (given: Parameters<typeof decide>[0]) =>
  decide(given).placements.map(({ sessionId }) => sessionId);

test("what stands in a line is served in the line's order, whoever's it is and whatever its team holds", () => {
  const inLine = (id: string, teamId: string, turn: number) =>
    session(id, { gpus: 1 }, { teamId, turn, urgency: 10 });
  const pending = [
    inLine("a1", "busy", 100),
    inLine("a2", "busy", 160),
    inLine("a3", "busy", 220),
    inLine("b1", "other", 101),
  ];
  const usage = new Map([["other", 8]]);
  expect(placed(snapshot(pending, [node("n", 4)], { usage }))).toEqual(["a1", "b1", "a2", "a3"]);
  const { waiting } = decide(snapshot(pending, [node("n", 2)], { usage }));
  expect(waiting.map(({ sessionId }) => sessionId)).toEqual(["a2", "a3"]);
});

test("what stands in no line takes turns between teams as before, and the more urgent goes first", () => {
  const pending = [
    session("t1", { gpus: 1 }, { teamId: "holds" }),
    session("t2", { gpus: 1 }, { teamId: "idle" }),
    session("s1", { gpus: 1 }, { teamId: "holds", urgency: 10, turn: 5 }),
  ];
  const held = [running("r", { nodeId: "m", deviceIds: ["m-0"] }, { teamId: "holds" })];
  const given = snapshot(pending, [node("n", 3)], { running: held, usage: new Map([["holds", 1]]) });
  expect(placed(given)).toEqual(["s1", "t2", "t1"]);
});

test("priority counts before the place in the line, and age after it", () => {
  const of = (id: string, more: object) => session(id, {}, more);
  const sorted = [
    of("c", { turn: 2 }),
    of("b", { turn: 1 }),
    of("a", { turn: 1 }),
    of("d", { turn: 9, priority: 1 }),
  ].sort(comesBefore);
  expect(sorted.map(({ sessionId }) => sessionId)).toEqual(["d", "a", "b", "c"]);
  expect(takesTurnOf(of("x", { teamId: "team-x", turn: null }))).toBe("team-x");
  expect(takesTurnOf(of("x", { teamId: "team-x", turn: 0 }))).not.toBe("team-x");
});
