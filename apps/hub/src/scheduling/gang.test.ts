import { expect, test } from "bun:test";
import { node, session, snapshot } from "../testing/clusters.ts";
import { decide } from "./decide.ts";
import { refusalOf } from "./explain.ts";
import { partsHeld } from "./gang.ts";
import type { NodeSupply } from "./snapshot.ts";

const gang = (parts: number, gpus: number) => session("g", { gpus, cpu_milli: 100 }, { parts });

/** How many parts each node takes. */
function shares(parts: number, gpus: number, nodes: NodeSupply[]): Record<string, number> {
  const [placement] = decide(snapshot([gang(parts, gpus)], nodes)).placements;
  const counts: Record<string, number> = {};
  for (const { nodeId } of placement?.parts ?? []) counts[nodeId] = (counts[nodeId] ?? 0) + 1;
  return counts;
}

test("all parts start or none", () => {
  expect(shares(3, 4, [node("a", 4), node("b", 4)])).toEqual({});
  expect(shares(3, 4, [node("a", 4), node("b", 4), node("c", 4)])).toEqual({ a: 1, b: 1, c: 1 });
});

test("on as few nodes as there are; what is left of it on the tightest", () => {
  const nodes = [node("a", 2), node("b", 8), node("c", 4), node("d", 2)];
  expect(shares(4, 2, nodes)).toEqual({ b: 4 });
  expect(shares(5, 2, nodes)).toEqual({ b: 4, a: 1 });
});

test("near each other, when one rack has room for all of it", () => {
  const nodes = [
    node("a", 8, { rack: "r1" }),
    node("b", 4, { rack: "r2" }),
    node("c", 4, { rack: "r2" }),
    node("d", 4, { rack: "r1" }),
  ];
  expect(shares(2, 4, [node("e", 4), ...nodes.slice(1)])).toEqual({ b: 1, c: 1 });
  expect(shares(4, 4, nodes)).toEqual({ a: 2, b: 1, c: 1 });
});

test("each part has devices of its own", () => {
  const [placement] = decide(snapshot([gang(2, 2)], [node("a", 4)])).placements;
  expect(placement?.parts.flatMap(({ deviceIds }) => deviceIds)).toEqual(["a-0", "a-1", "a-2", "a-3"]);
});

test("not on nodes that let no gangs in: they say so, and take what is alone", () => {
  const closed = node("b", 4, { takesGangs: false });
  expect(shares(2, 4, [node("a", 4), closed])).toEqual({});
  expect(refusalOf(closed, gang(2, 4))).toContain("PODIUM_GANG_ADDRESS");
  expect(refusalOf(closed, gang(1, 4))).toBeNull();
  expect(shares(1, 4, [closed])).toEqual({ b: 1 });
});

test("what nodes hold of it together is counted over those that let gangs in", () => {
  const nodes = [node("a", 4), node("b", 3), node("c", 8, { takesGangs: false })];
  expect(partsHeld(nodes, gang(9, 1))).toBe(7);
  expect(partsHeld(nodes, gang(5, 1))).toBe(5);
  expect(partsHeld(nodes, gang(2, 8))).toBe(0);
});
