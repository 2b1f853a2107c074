import { describe, expect, test } from "bun:test";
import { node, running, session, snapshot } from "../testing/clusters.ts";
import { decide } from "./decide.ts";
import type { NodeSupply, Running } from "./snapshot.ts";

const HOUR_MS = 3_600_000;
const NOW = 10 * HOUR_MS;

/** A node of two devices, of which one is held for another hour. */
function halfFull(id = "n"): { supply: NodeSupply; holder: Running } {
  const supply = node(id, 2);
  const devices = supply.devices.map((device, index) => ({ ...device, freeMilli: index === 0 ? 0 : 1000 }));
  const holder = running(`holds-${id}`, { nodeId: id, deviceIds: [`${id}-0`] }, { endsAt: NOW + HOUR_MS });
  return { supply: { ...supply, devices }, holder };
}

const { supply, holder } = halfFull();
const large = session("1", { gpus: 2 }, { since: NOW - HOUR_MS });
const small = (limitMs: number | null, more = {}) =>
  session("2", { gpus: 1 }, { since: NOW, limitMs, teamId: "team-b", ...more });
const given = (pending: ReturnType<typeof session>[], nodes = [supply], holders = [holder]) =>
  snapshot(pending, nodes, { now: NOW, running: holders });
const placed = (...args: Parameters<typeof given>) =>
  decide(given(...args)).placements.map(({ sessionId, parts }) => `${sessionId} on ${parts[0]?.nodeId}`);

describe("room is kept for a session that has waited and that smaller ones would pass", () => {
  test("one that would put it off waits; one that ends in time goes before it", () => {
    expect(placed([large, small(2 * HOUR_MS)])).toEqual([]);
    expect(placed([large, small(null)])).toEqual([]);
    expect(placed([large, small(HOUR_MS)])).toEqual(["2 on n"]);
    const { reservations } = decide(given([large, small(null)]));
    expect(reservations).toEqual([{ sessionId: "1", startsAt: NOW + HOUR_MS, nodes: new Map([["n", 1]]) }]);
  });

  test("one that leaves it enough goes before it, however long it runs", () => {
    const wide = { ...supply, devices: [...supply.devices, { id: "n-2", model: "H100", freeMilli: 1000 }] };
    const larger = session("1", { gpus: 3 }, { since: NOW - HOUR_MS });
    expect(placed([larger, small(null)], [wide])).toEqual([]);
    const needsNoDevice = session("2", { cpu_milli: 100 }, { since: NOW, limitMs: null });
    expect(placed([larger, needsNoDevice], [wide])).toEqual(["2 on n"]);
  });

  test("other nodes stay open to everybody", () => {
    expect(placed([large, small(null)], [supply, node("z", 1)])).toEqual(["2 on z"]);
  });

  test("nothing is kept for one that has just come, nor for one that no node could ever take", () => {
    expect(placed([{ ...large, since: NOW }, small(null)])).toEqual(["2 on n"]);
    expect(placed([session("1", { gpus: 3 }, { since: 0 }), small(null)])).toEqual(["2 on n"]);
  });

  test("nothing is kept where what runs has no end", () => {
    expect(placed([large, small(null)], [supply], [{ ...holder, endsAt: null }])).toEqual(["2 on n"]);
  });

  test("once there is room it starts first, also before what is more urgent", () => {
    const free = node("n", 2);
    expect(placed([large, small(null, { urgency: 10 })], [free], [])).toEqual(["1 on n"]);
  });

  test("one a team, each on a node of its own", () => {
    const other = halfFull("o");
    const second = session("3", { gpus: 2, cpu_milli: 4000 }, { since: NOW - HOUR_MS, teamId: "team-c" });
    const third = session("4", { gpus: 2, cpu_milli: 3000 }, { since: NOW - HOUR_MS });
    const nodes = [supply, other.supply];
    const all = given([large, second, third, small(null)], nodes, [holder, other.holder]);
    const { reservations, placements } = decide(all);
    expect(reservations.map(({ sessionId, nodes }) => [sessionId, ...nodes.keys()])).toEqual([
      ["1", "n"],
      ["3", "o"],
    ]);
    expect(placements).toEqual([]);
  });

  test("a gang waits for the time when the last of its parts has room", () => {
    const other = halfFull("o");
    const later = { ...other.holder, endsAt: NOW + 3 * HOUR_MS };
    const gang = session("1", { gpus: 2 }, { since: NOW - HOUR_MS, parts: 2 });
    const all = given([gang, small(2 * HOUR_MS)], [supply, other.supply], [holder, later]);
    const { reservations, placements } = decide(all);
    const nodes = new Map([
      ["n", 1],
      ["o", 1],
    ]);
    expect(reservations).toEqual([{ sessionId: "1", startsAt: NOW + 3 * HOUR_MS, nodes }]);
    expect(placements.map(({ sessionId }) => sessionId)).toEqual(["2"]);
  });
});
