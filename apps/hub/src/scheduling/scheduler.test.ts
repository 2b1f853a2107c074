import { describe, expect, test } from "bun:test";
import { node, randomSession, randomSnapshot, session, snapshot } from "../testing/clusters.ts";
import { seeded } from "../testing/random.ts";
import { Cluster } from "../testing/told-cluster.ts";
import { decide } from "./decide.ts";
import type { NodeSupply, Pending } from "./snapshot.ts";

const MINUTE_MS = 60_000;

describe("a scheduler that is told what happens", () => {
  test("decides, turn after turn, what one decides that sees the whole state for the first time", () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { int, pick } = seeded(seed);
      const cluster = new Cluster(randomSnapshot(seed, { pending: 60, nodes: 10 }));
      for (let step = 0; step < 30; step++) {
        const { placements, reservations } = decide(cluster.snapshot());
        const turn = cluster.turn();
        expect(turn.placements).toEqual(placements);
        expect(cluster.scheduler.reservations()).toEqual(reservations);
        expect(cluster.scheduler.left()).toEqual(
          [...cluster.nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
        );
        cluster.now += int(20 * MINUTE_MS);
        for (let event = int(4); event > 0; event--) {
          const what = int(6);
          if (what < 3 && cluster.running.size > 0) cluster.end(pick([...cluster.running.keys()]));
          else if (what === 3 && cluster.pending.size > 0)
            cluster.withdraw(pick([...cluster.pending.keys()]));
          else if (what === 4) {
            const supply = pick([...cluster.nodes.values()]);
            cluster.setNode({ ...supply, draining: !supply.draining });
          } else {
            const id = `t${String(step).padStart(3, "0")}${event}`;
            cluster.submit(randomSession(id, seed * 31 + step * 7 + event, { since: cluster.now }));
          }
        }
      }
    }
  }, 30_000);

  test("a node that goes takes nothing any more; one that comes is used at once", () => {
    const cluster = new Cluster(snapshot([session("1", { gpus: 2 })], [node("small", 1)]));
    expect(cluster.turn().placements).toEqual([]);
    cluster.setNode(node("large", 4));
    expect(cluster.turn().placements.map(({ parts }) => parts[0]?.nodeId)).toEqual(["large"]);
    cluster.scheduler.removeNode("large");
    cluster.submit(session("2", { gpus: 2 }));
    expect(cluster.turn().placements).toEqual([]);
  });
});

describe("nobody starves", () => {
  /** A stream of small sessions that always fill what is free; gives the minute in which `large` starts. */
  function startOf(large: Pending, nodes: NodeSupply[], minutes: number): number | null {
    const { int } = seeded(3);
    const cluster = new Cluster(snapshot([], nodes));
    const ends = new Map<string, number>();
    for (let minute = 0; minute < minutes; minute++) {
      cluster.now = minute * MINUTE_MS;
      for (const [id, at] of ends) {
        if (at > cluster.now) continue;
        ends.delete(id);
        cluster.end(id);
      }
      if (minute === 5) cluster.submit({ ...large, since: cluster.now });
      for (let n = 0; n < 4; n++) {
        const limitMs = (10 + int(50)) * MINUTE_MS;
        const id = `s${String(minute).padStart(4, "0")}${n}`;
        cluster.submit(session(id, { gpus: 1 }, { teamId: `team-${int(5)}`, since: cluster.now, limitMs }));
      }
      for (const { sessionId } of cluster.turn().placements) {
        if (sessionId === large.sessionId) return minute;
        // What runs rarely takes all its time.
        const limitMs = cluster.running.get(sessionId)?.endsAt ?? 0;
        ends.set(
          sessionId,
          cluster.now + Math.ceil((limitMs - cluster.now) * (0.3 + 0.7 * ((int(100) + 1) / 100))),
        );
      }
    }
    return null;
  }

  test("a session that needs a whole node starts, however many small ones come", () => {
    const nodes = [node("a", 8), node("b", 8)];
    const start = startOf(session("z-large", { gpus: 8 }), nodes, 600);
    expect(start).toBeGreaterThan(15);
    expect(start).toBeLessThan(15 + 2 * 60);
  });

  test("a gang that needs all nodes does too", () => {
    const nodes = [node("a", 4), node("b", 4), node("c", 4)];
    expect(startOf(session("z-gang", { gpus: 4 }, { parts: 3 }), nodes, 600)).toBeLessThan(15 + 2 * 60);
  });

  test("every session starts in the end, of whatever team, size and priority", () => {
    const nodes = [node("a", 8), node("b", 4), node("c", 2)];
    for (let seed = 1; seed <= 10; seed++) {
      const { int, pick } = seeded(seed);
      const cluster = new Cluster(snapshot([], nodes));
      for (let n = 0; n < 80; n++) {
        const gpus = pick([0, 1, 1, 1, 2, 4, 8]);
        const resources = { gpus, gpu_milli: gpus === 1 ? pick([300, 500, 1000]) : 1000, cpu_milli: 1000 };
        const more = { teamId: `team-${int(4)}`, priority: int(3), urgency: pick([0, 0, 10]) };
        cluster.submit(
          session(`s${String(n).padStart(3, "0")}`, resources, { ...more, limitMs: 60 * MINUTE_MS }),
        );
      }
      for (let turn = 0; turn < 80 && cluster.pending.size > 0; turn++) {
        cluster.turn();
        cluster.now += 10 * MINUTE_MS;
        for (const { sessionId, endsAt } of [...cluster.running.values()])
          if ((endsAt ?? 0) <= cluster.now || int(4) === 0) cluster.end(sessionId);
      }
      expect([...cluster.pending.keys()]).toEqual([]);
    }
  });
});
