import { expect, test } from "bun:test";
import { node, running, session, snapshot } from "../testing/clusters.ts";
import { decide } from "./decide.ts";
import type { NodeSupply, Running } from "./snapshot.ts";

/** A full node: each device is held by a session of its own. */
function full(id: string, holders: Partial<Running>[]): { supply: NodeSupply; running: Running[] } {
  const supply = node(id, holders.length);
  const devices = supply.devices.map((device) => ({ ...device, freeMilli: 0 }));
  return {
    supply: { ...supply, devices },
    running: holders.map((more, index) =>
      running(`${id}${index}`, { nodeId: id, deviceIds: [`${id}-${index}`] }, { preemptible: true, ...more }),
    ),
  };
}

function preempted(urgent: ReturnType<typeof session>[], ...nodes: ReturnType<typeof full>[]) {
  const given = snapshot(
    urgent,
    nodes.map(({ supply }) => supply),
    { running: nodes.flatMap((each) => each.running) },
  );
  return decide(given).preemptions.map(({ sessionId, forSession }) => `${sessionId} for ${forSession}`);
}

const urgent = (id: string, gpus = 1, more = {}) => session(id, { gpus }, { urgency: 10, ...more });

test("the session that loses least work makes room", () => {
  const holders = [{ atRiskSeconds: 900 }, { atRiskSeconds: 30 }, { atRiskSeconds: 600 }];
  expect(preempted([urgent("u")], full("n", holders))).toEqual(["n1 for u"]);
  expect(preempted([urgent("u", 2)], full("n", holders))).toEqual(["n2 for u", "n1 for u"]);
});

test("where least is lost, and none that need not go", () => {
  const cheap = full("b", [{ atRiskSeconds: 10 }]);
  expect(preempted([urgent("u")], full("a", [{ atRiskSeconds: 20 }]), cheap)).toEqual(["b0 for u"]);
  const both = full("a", [{ atRiskSeconds: 1 }, { atRiskSeconds: 2 }]);
  expect(preempted([urgent("u")], both)).toEqual(["a0 for u"]);
});

test("only what may be preempted, and is less urgent", () => {
  expect(preempted([urgent("u")], full("n", [{ preemptible: false }]))).toEqual([]);
  expect(preempted([urgent("u")], full("n", [{ urgency: 10 }]))).toEqual([]);
  expect(preempted([session("t", { gpus: 1 })], full("n", [{}]))).toEqual([]);
});

test("nobody for a session that starts anyway, or that would not fit even then", () => {
  const free = { supply: node("free", 1), running: [] };
  expect(preempted([urgent("u")], full("n", [{}]), free)).toEqual([]);
  expect(preempted([urgent("u", 2)], full("n", [{}]))).toEqual([]);
  expect(preempted([urgent("u", 2)], full("n", [{}, { preemptible: false }]))).toEqual([]);
});

test("what ends already makes room for one; the next needs another", () => {
  const holders = [{ isEnding: true }, { atRiskSeconds: 5 }, { atRiskSeconds: 9 }];
  expect(preempted([urgent("u")], full("n", holders))).toEqual([]);
  const two = [urgent("u"), urgent("v", 1, { teamId: "team-b" })];
  expect(preempted(two, full("n", holders))).toEqual(["n1 for v"]);
});

test("no session makes room twice, and none for a gang", () => {
  const two = [urgent("u"), urgent("v", 1, { teamId: "team-b" })];
  expect(preempted(two, full("n", [{}, {}]))).toEqual(["n1 for u", "n0 for v"]);
  expect(preempted([urgent("u", 1, { parts: 2 })], full("n", [{}, {}]))).toEqual([]);
});
