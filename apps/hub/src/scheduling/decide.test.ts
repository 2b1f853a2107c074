import { describe, expect, test } from "bun:test";
import { GIB, MIB, node, randomSnapshot, session, snapshot } from "../testing/clusters.ts";
import { seeded } from "../testing/random.ts";
import { decide } from "./decide.ts";
import { explain } from "./explain.ts";
import type { NodeSupply, Snapshot } from "./snapshot.ts";

const placed = (given: Snapshot) =>
  decide(given).placements.map(({ sessionId, parts }) => `${sessionId} on ${parts[0]?.nodeId}`);

describe("where", () => {
  test("the node with the fewest free devices that fits", () => {
    const nodes = [node("eight", 8), node("one", 1), node("two", 2), node("four", 4)];
    expect(placed(snapshot([session("s", { gpus: 2 })], nodes))).toEqual(["s on two"]);
  });

  test("a session without devices goes where it wastes none", () => {
    expect(placed(snapshot([session("s")], [node("gpu", 4), node("cpu", 0)]))).toEqual(["s on cpu"]);
  });

  test("of nodes that are alike, the fuller one, then the one with the smaller id", () => {
    const fuller = node("c", 1, { freeCpuMilli: 2000 });
    expect(placed(snapshot([session("s")], [node("b", 1), node("a", 1), fuller]))).toEqual(["s on c"]);
    expect(placed(snapshot([session("s")], [node("b", 1), node("a", 1)]))).toEqual(["s on a"]);
  });

  test("a node that holds the data beats a slightly better fit", () => {
    const trees = [{ id: "imagenet", size: 150 * GIB }];
    const nodes = [node("fits", 1), node("has-data", 3, { cached: new Set(["imagenet"]) })];
    expect(placed(snapshot([session("s", { gpus: 1 }, { trees })], nodes))).toEqual(["s on has-data"]);
  });

  test("little data does not outweigh fragmentation", () => {
    const trees = [{ id: "digits", size: 10 * 1024 ** 2 }];
    const nodes = [node("fits", 1), node("has-data", 3, { cached: new Set(["digits"]) })];
    expect(placed(snapshot([session("s", { gpus: 1 }, { trees })], nodes))).toEqual(["s on fits"]);
  });

  test("all of a session's data counts", () => {
    const trees = [
      { id: "photos", size: 20 * GIB },
      { id: "labels", size: GIB },
    ];
    const holds = (...ids: string[]) => ({ cached: new Set(ids) });
    const nodes = [node("small", 1, holds("labels")), node("large", 1, holds("photos")), node("none", 1)];
    expect(placed(snapshot([session("s", { gpus: 1 }, { trees })], nodes))).toEqual(["s on large"]);
    const both = [...nodes, node("z-both", 1, holds("labels", "photos"))];
    expect(placed(snapshot([session("s", { gpus: 1 }, { trees })], both))).toEqual(["s on z-both"]);
  });

  test("data is as far away as the node's measured bandwidth says", () => {
    const trees = [{ id: "photos", size: 20 * GIB }];
    const nodes = [node("a-slow", 1, { bandwidth: 10 * MIB }), node("fast", 1, { bandwidth: 1000 * MIB })];
    expect(placed(snapshot([session("s", { gpus: 1 }, { trees })], nodes))).toEqual(["s on fast"]);
  });

  test("the node that has the environment; a build of 45 s is worth one GPU left free (30 s), not two", () => {
    const environment = { key: "torch", buildSeconds: 45 };
    const built = { environments: new Set(["torch"]) };
    const asked = session("s", { gpus: 1 }, { environment });
    expect(placed(snapshot([asked], [node("a", 1), node("built", 1, built)]))).toEqual(["s on built"]);
    expect(placed(snapshot([asked], [node("a", 1), node("built", 2, built)]))).toEqual(["s on built"]);
    expect(placed(snapshot([asked], [node("a", 1), node("built", 3, built)]))).toEqual(["s on a"]);
  });

  test("an environment that was never built is taken to need a minute: less than three GPUs left free", () => {
    const asked = session("s", { gpus: 1 }, { environment: { key: "new", buildSeconds: null } });
    const built = { environments: new Set(["new"]) };
    expect(placed(snapshot([asked], [node("a", 1), node("built", 2, built)]))).toEqual(["s on built"]);
    expect(placed(snapshot([asked], [node("a", 1), node("built", 4, built)]))).toEqual(["s on a"]);
  });

  test("the node that has the image, as long as pulling it takes longer than what that wastes", () => {
    const has = { images: new Set(["ml:1"]) };
    const asked = (imageBytes: number | null) => session("s", { gpus: 1 }, { image: "ml:1", imageBytes });
    const nodes = [node("a", 1), node("has", 2, has)];
    expect(placed(snapshot([asked(10 * GIB)], nodes))).toEqual(["s on has"]);
    expect(placed(snapshot([asked(100 * MIB)], nodes))).toEqual(["s on a"]);
    // Of unknown size: as if it had 2 GiB, 41 s.
    expect(placed(snapshot([asked(null)], nodes))).toEqual(["s on has"]);
  });

  test("a session that asks for an image runs on nodes with Docker alone; elsewhere it says why not", () => {
    const plain = node("plain", 1, { runsImages: false });
    const asked = session("s", {}, { image: "ml:1" });
    expect(placed(snapshot([asked], [plain, node("docker", 8)]))).toEqual(["s on docker"]);
    const { waiting, left } = decide(snapshot([asked, session("t")], [plain]));
    expect(waiting).toEqual([asked]);
    expect(explain(left, asked)).toEqual([{ node: "plain", reason: "no Docker to run the image ml:1" }]);
  });

  test("another node than the one that has failed it before, while there is one", () => {
    const tried = new Map([["fits", 1]]);
    const again = session("s", { gpus: 1 }, { tried });
    expect(placed(snapshot([again], [node("fits", 1), node("large", 8)]))).toEqual(["s on large"]);
    expect(placed(snapshot([again], [node("fits", 1)]))).toEqual(["s on fits"]);
  });

  test("only devices of the model that was asked for", () => {
    const devices = [
      { id: "old", model: "V100", freeMilli: 1000 },
      { id: "new", model: "H100", freeMilli: 1000 },
    ];
    const mixed = node("mixed", 0, { devices });
    const given = snapshot([session("s", { gpus: 1, gpu_model: "H100" })], [mixed]);
    expect(decide(given).placements[0]?.parts[0]?.deviceIds).toEqual(["new"]);

    const two = decide(snapshot([session("s", { gpus: 2, gpu_model: "H100" })], [mixed]));
    expect(explain(two.left, two.waiting[0] ?? session("none"))).toEqual([
      { node: "mixed", reason: "1 of 2 H100 devices free" },
    ]);
  });
});

describe("who first", () => {
  const one = [node("n", 1)];
  const gpu = { gpus: 1 };

  test("what is more urgent", () => {
    const pending = [session("1", gpu), session("2", gpu, { urgency: 5, teamId: "team-b" })];
    expect(placed(snapshot(pending, one, { usage: new Map([["team-b", 9]]) }))).toEqual(["2 on n"]);
  });

  test("of a team's own sessions the one that it gives priority; before other teams' that gains nothing", () => {
    const [first, second] = [session("1", gpu), session("2", gpu, { priority: 100 })];
    expect(placed(snapshot([first, second], one))).toEqual(["2 on n"]);
    const other = session("0", gpu, { teamId: "team-b", priority: -100 });
    expect(placed(snapshot([first, second, other], one))).toEqual(["0 on n"]);
  });

  test("the team that holds less", () => {
    const pending = [session("1", gpu), session("2", gpu, { teamId: "team-b" })];
    expect(placed(snapshot(pending, one, { usage: new Map([["team-a", 3]]) }))).toEqual(["2 on n"]);
  });

  test("the older one", () => {
    expect(placed(snapshot([session("2", gpu), session("1", gpu)], one))).toEqual(["1 on n"]);
  });

  test("teams share what is free, however many sessions one of them has queued", () => {
    const many = Array.from({ length: 6 }, (_, index) => session(`a${index}`, gpu));
    const few = [session("b0", gpu, { teamId: "team-b" }), session("b1", gpu, { teamId: "team-b" })];
    const { placements, waiting } = decide(snapshot([...many, ...few], [node("n", 4)]));
    expect(placements.map(({ sessionId }) => sessionId)).toEqual(["a0", "b0", "a1", "b1"]);
    expect(waiting.map(({ sessionId }) => sessionId)).toEqual(["a2", "a3", "a4", "a5"]);
  });
});

test("a session that fits nowhere waits, with a reason for each node, and holds up nobody", () => {
  const large = session("1", { gpus: 8 });
  const { placements, waiting, left } = decide(snapshot([large, session("2", { gpus: 1 })], [node("n", 2)]));
  expect(placements.map(({ sessionId }) => sessionId)).toEqual(["2"]);
  expect(waiting).toEqual([large]);
  expect(explain(left, large)).toEqual([{ node: "n", reason: "1 of 8 devices free" }]);
});

test("without nodes everything waits", () => {
  expect(decide(snapshot([session("s")], []))).toMatchObject({ placements: [], left: [] });
});

describe("whatever the cluster looks like", () => {
  const snapshots = Array.from({ length: 40 }, (_, seed) =>
    randomSnapshot(seed, { pending: 120, nodes: 12 }),
  );

  test("no node gives more than it has, no device more than all of it, none of another model; a gang is whole", () => {
    for (const given of snapshots) {
      const { placements } = decide(given);
      const sessions = new Map(given.pending.map((each) => [each.sessionId, each]));
      const left = new Map(given.nodes.map((supply) => [supply.id, structuredClone(supply)]));
      for (const { sessionId, parts } of placements) {
        const { resources, parts: asked } = sessions.get(sessionId) ?? session("none", {}, { parts: -1 });
        expect(parts).toHaveLength(asked);
        for (const { nodeId, deviceIds, milli } of parts) {
          const supply = left.get(nodeId) as NodeSupply;
          supply.freeCpuMilli -= resources.cpu_milli;
          supply.freeMemoryBytes -= resources.memory_bytes;
          expect(supply.draining).toBe(false);
          expect(new Set(deviceIds).size).toBe(resources.gpus);
          expect(milli).toBe(resources.gpu_milli);
          for (const id of deviceIds) {
            const device = supply.devices.find((each) => each.id === id) as {
              model: string;
              freeMilli: number;
            };
            device.freeMilli -= milli;
            expect(device.freeMilli).toBeGreaterThanOrEqual(0);
            expect((resources.gpu_model ?? device.model).split("|")).toContain(device.model);
          }
        }
      }
      const used = new Set(placements.flatMap(({ parts }) => parts.map(({ nodeId }) => nodeId)));
      for (const id of used) {
        expect(left.get(id)?.freeCpuMilli).toBeGreaterThanOrEqual(0);
        expect(left.get(id)?.freeMemoryBytes).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test("every session is placed once or waits, with a reason for every node", () => {
    for (const given of snapshots) {
      const { placements, waiting, left, reservations } = decide(given);
      const seen = [
        ...placements.map(({ sessionId }) => sessionId),
        ...waiting.map((each) => each.sessionId),
      ];
      expect(seen.sort()).toEqual(given.pending.map(({ sessionId }) => sessionId).sort());
      for (const needs of waiting)
        expect(explain(left, needs, reservations).map((refusal) => refusal.node)).toEqual(
          left.map(({ name }) => name),
        );
    }
  });

  test("the same cluster gives the same decision, in whatever order it was read; nothing given is changed", () => {
    snapshots.slice(0, 10).forEach((given, seed) => {
      const before = structuredClone(given);
      const { shuffle } = seeded(seed);
      const shuffled = {
        ...given,
        pending: shuffle(given.pending),
        nodes: shuffle(given.nodes),
        mix: shuffle(given.mix),
      };
      expect(decide(shuffled)).toEqual(decide(given));
      expect(given).toEqual(before);
    });
  });

  test("no session waits while a less urgent one of the same size was placed", () => {
    for (const given of snapshots) {
      const { placements, waiting } = decide(given);
      const started = placements.map(({ sessionId }) =>
        given.pending.find((each) => each.sessionId === sessionId),
      );
      for (const late of waiting) {
        const same = started.filter(
          (each) =>
            Bun.deepEquals(each?.resources, late.resources) &&
            each?.image === late.image &&
            each?.parts === late.parts &&
            each?.limitMs === late.limitMs,
        );
        for (const each of same) expect(each?.urgency ?? 0).toBeGreaterThanOrEqual(late.urgency);
      }
    }
  });
});

test("a large queue on a large cluster is decided whole", () => {
  const given = randomSnapshot(7, { pending: 2000, nodes: 200 });
  const { placements, waiting } = decide(given);
  expect(placements.length + waiting.length).toBe(2000);
  expect(placements.length).toBeGreaterThan(100);
});
