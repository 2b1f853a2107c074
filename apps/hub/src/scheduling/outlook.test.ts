import { expect, test } from "bun:test";
import { node, running, session, snapshot } from "../testing/clusters.ts";
import { outlookOf } from "./outlook.ts";

const HOUR_MS = 3_600_000;
const NOW = 10 * HOUR_MS;

const busy = () => {
  const supply = node("n", 2);
  const devices = supply.devices.map((device, at) => ({ ...device, freeMilli: at === 0 ? 0 : 1000 }));
  const holder = running("r", { nodeId: "n", deviceIds: ["n-0"] }, { endsAt: NOW + HOUR_MS });
  return { nodes: [{ ...supply, devices }], running: [holder], now: NOW };
};
const large = session("1", { gpus: 2 }, { since: 0 });
const small = session("2", { gpus: 1 }, { since: NOW, limitMs: null, teamId: "team-b" });
const look = (sessions: ReturnType<typeof session>[], of: ReturnType<typeof session>, more = busy()) =>
  outlookOf(snapshot(sessions, more.nodes, more), of.sessionId, of);

test("what has no room is told when there will be by the time limits of what runs, and what each node lacks", () => {
  expect(look([large], large)).toEqual({
    position: 1,
    startsAt: NOW + HOUR_MS,
    rule: "room",
    nodes: [{ node: "n", reason: "1 of 2 devices free" }],
  });
});

test("what would put off one that has waited longer is told so", () => {
  expect(look([large, small], small)).toEqual({
    position: 2,
    startsAt: null,
    rule: "reservation",
    nodes: [{ node: "n", reason: expect.stringContaining("waited longer") }],
  });
});

test("where others' turn comes first, that is the rule; what starts with the next turn waits for nothing", () => {
  const first = session("1", { gpus: 1 }, { since: NOW });
  expect(look([first, small], small)).toMatchObject({ position: 1, rule: "turn", startsAt: NOW + HOUR_MS });
  expect(look([first, small], first)).toEqual({ position: null, startsAt: NOW, rule: null, nodes: [] });
});

test("a gang of which only a part fits", () => {
  const gang = session("1", { gpus: 1 }, { since: NOW, parts: 2 });
  expect(look([gang], gang)).toMatchObject({
    rule: "gang",
    startsAt: NOW + HOUR_MS,
    nodes: [{ node: "n", reason: "room for 1 of 2 parts" }],
  });
});

test("what could never start is given no time", () => {
  const huge = session("1", { gpus: 3 }, { since: NOW });
  expect(look([huge], huge)).toMatchObject({ position: 1, startsAt: null, rule: "room" });
});
