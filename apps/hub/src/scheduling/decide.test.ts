import { describe, expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { seeded } from "../testing/random.ts";
import { decide } from "./decide.ts";
import { explain } from "./explain.ts";
import type { NodeSupply, Pending, Snapshot } from "./snapshot.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

function node(id: string, gpus: number, more: Partial<NodeSupply> = {}): NodeSupply {
  const freeDevices = Array.from({ length: gpus }, (_, index) => ({ id: `${id}-${index}`, model: "H100" }));
  const supply = { freeCpuMilli: 16_000, freeMemoryBytes: 64 * GIB, freeDevices, runsImages: true };
  const caches = { cached: new Set<string>(), environments: new Set<string>(), images: new Set<string>() };
  return { id, name: id, bandwidth: 50 * MIB, ...supply, ...caches, ...more };
}

function session(id: string, resources: Record<string, unknown> = {}, more: Partial<Pending> = {}): Pending {
  const parsed = resourcesSchema.parse(resources);
  const base = { teamId: "team-a", urgency: 0, priority: 0, trees: [], tried: new Map<string, number>() };
  const needs = { resources: parsed, image: null, imageBytes: null, environment: null };
  return { sessionId: id, ...needs, ...base, ...more };
}

function snapshot(pending: Pending[], nodes: NodeSupply[], usage: [string, number][] = []): Snapshot {
  return { pending, nodes, usage: new Map(usage) };
}

const placed = (given: Snapshot) =>
  decide(given).placements.map(({ sessionId, nodeId }) => `${sessionId} on ${nodeId}`);

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
    const freeDevices = [
      { id: "old", model: "V100" },
      { id: "new", model: "H100" },
    ];
    const mixed = node("mixed", 0, { freeDevices });
    const given = snapshot([session("s", { gpus: 1, gpu_model: "H100" })], [mixed]);
    expect(decide(given).placements[0]?.deviceIds).toEqual(["new"]);

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
    expect(placed(snapshot(pending, one, [["team-b", 9]]))).toEqual(["2 on n"]);
  });

  test("of a team's own sessions the one that it gives priority; before other teams' that gains nothing", () => {
    const [first, second] = [session("1", gpu), session("2", gpu, { priority: 100 })];
    expect(placed(snapshot([first, second], one))).toEqual(["2 on n"]);
    const other = session("0", gpu, { teamId: "team-b", priority: -100 });
    expect(placed(snapshot([first, second, other], one))).toEqual(["0 on n"]);
  });

  test("the team that holds less", () => {
    const pending = [session("1", gpu), session("2", gpu, { teamId: "team-b" })];
    expect(placed(snapshot(pending, one, [["team-a", 3]]))).toEqual(["2 on n"]);
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

/** Nodes and sessions of all sizes, some impossible. */
function randomSnapshot(seed: number, counts: { pending: number; nodes: number }): Snapshot {
  const { int, pick } = seeded(seed);
  const nodes = Array.from({ length: counts.nodes }, (_, index) => {
    const freeDevices = Array.from({ length: int(9) }, (_, device) => ({
      id: `n${index}-${device}`,
      model: pick(["H100", "A100"]),
    }));
    return node(`n${index}`, 0, {
      freeCpuMilli: int(65) * 1000 - 1000,
      freeMemoryBytes: int(512) * GIB,
      freeDevices,
      cached: new Set([`t${int(5)}`]),
      environments: new Set([`e${int(5)}`]),
      runsImages: int(3) > 0,
    });
  });
  const pending = Array.from({ length: counts.pending }, (_, index) =>
    session(
      `s${String(index).padStart(5, "0")}`,
      {
        gpus: pick([0, 0, 1, 1, 2, 4, 8, 16]),
        gpu_model: pick([null, null, "H100", "L4"]),
        cpu_milli: 100 + int(40) * 250,
        memory_bytes: (1 + int(64)) * GIB,
      },
      {
        teamId: `team-${int(12)}`,
        urgency: pick([0, 0, 0, 10]),
        priority: pick([-5, 0, 5]),
        trees: [{ id: `t${int(5)}`, size: int(100) * GIB }],
        image: pick([null, null, "ml:1"]),
        environment: pick([null, { key: `e${int(5)}`, buildSeconds: int(100) }]),
      },
    ),
  );
  return snapshot(pending, nodes, [["team-0", 4]]);
}

describe("whatever the cluster looks like", () => {
  const snapshots = Array.from({ length: 40 }, (_, seed) =>
    randomSnapshot(seed, { pending: 120, nodes: 12 }),
  );

  test("no node gives more than it has, no device twice, none of another model", () => {
    for (const given of snapshots) {
      const { placements } = decide(given);
      const taken = new Set<string>();
      for (const supply of given.nodes) {
        const here = placements.filter(({ nodeId }) => nodeId === supply.id);
        const asked = here.map(({ sessionId }) => given.pending.find((each) => each.sessionId === sessionId));
        const sum = (of: "cpu_milli" | "memory_bytes") =>
          asked.reduce((total, each) => total + (each?.resources[of] ?? 0), 0);
        expect(sum("cpu_milli")).toBeLessThanOrEqual(Math.max(0, supply.freeCpuMilli));
        expect(sum("memory_bytes")).toBeLessThanOrEqual(supply.freeMemoryBytes);
        here.forEach(({ deviceIds }, index) => {
          const { gpus, gpu_model } = asked[index]?.resources ?? { gpus: -1, gpu_model: null };
          expect(deviceIds).toHaveLength(gpus);
          for (const id of deviceIds) {
            expect(taken.has(id)).toBe(false);
            taken.add(id);
            const device = supply.freeDevices.find((each) => each.id === id);
            expect(device?.model).toBe(gpu_model ?? (device?.model as string));
          }
        });
      }
    }
  });

  test("every session is placed once or waits, with a reason for every node", () => {
    for (const given of snapshots) {
      const { placements, waiting, left } = decide(given);
      const seen = [
        ...placements.map(({ sessionId }) => sessionId),
        ...waiting.map((each) => each.sessionId),
      ];
      expect(seen.sort()).toEqual(given.pending.map(({ sessionId }) => sessionId).sort());
      for (const needs of waiting)
        expect(explain(left, needs).map((refusal) => refusal.node)).toEqual(left.map(({ name }) => name));
    }
  });

  test("the same cluster gives the same decision, in whatever order it was read; nothing given is changed", () => {
    snapshots.slice(0, 10).forEach((given, seed) => {
      const before = structuredClone(given);
      const { shuffle } = seeded(seed);
      const shuffled = { ...given, pending: shuffle(given.pending), nodes: shuffle(given.nodes) };
      expect(decide(shuffled).placements).toEqual(decide(given).placements);
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
          (each) => Bun.deepEquals(each?.resources, late.resources) && each?.image === late.image,
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
