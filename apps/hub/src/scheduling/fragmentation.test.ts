import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { node, session, snapshot } from "../testing/clusters.ts";
import { decide } from "./decide.ts";
import { mixOf, wasteOf } from "./fragmentation.ts";
import { Room } from "./room.ts";

const demand = (resources: Record<string, unknown>, count = 1) => ({
  resources: resourcesSchema.parse(resources),
  count,
});

/** A node of whose devices so much is free, thousandths. */
const withFree = (id: string, free: number[], cpuMilli = 16_000) => {
  const devices = node(id, free.length).devices.map((device, at) => ({
    ...device,
    freeMilli: free[at] ?? 0,
  }));
  return node(id, 0, { devices, freeCpuMilli: cpuMilli });
};

test("waste is what is free and the typical session can't use, by how often each kind is asked for", () => {
  const waste = (demands: ReturnType<typeof demand>[], free: number[], cpuMilli?: number) =>
    wasteOf(mixOf(demands), new Room(withFree("n", free, cpuMilli)));
  const whole = demand({ gpus: 1 });
  expect(waste([whole], [1000, 400])).toBe(400);
  expect(waste([demand({ gpus: 1, gpu_milli: 400 })], [1000, 400, 300])).toBe(300);
  expect(waste([demand({ gpus: 2 })], [1000, 400])).toBe(1400);
  expect(waste([demand({ gpus: 1, gpu_model: "L4|T4" })], [1000])).toBe(1000);
  expect(waste([demand({ gpus: 1, cpu_milli: 2000 })], [1000], 1000)).toBe(1000);
  expect(waste([{ ...whole, count: 3 }, demand({ gpus: 2 })], [1000])).toBe(250);
  expect(waste([demand({ gpus: 0 })], [1000])).toBe(0);
  expect(waste([], [1000])).toBe(0);
});

const placedOn = (
  asked: Record<string, unknown>,
  nodes: ReturnType<typeof node>[],
  mix: ReturnType<typeof demand>[],
) => decide(snapshot([session("s", asked)], nodes, { mix })).placements[0]?.parts[0];

test("a share goes where a device is broken into already, not into a whole one", () => {
  const nodes = [withFree("a", [1000]), withFree("b", [500, 1000])];
  const mix = [demand({ gpus: 1 }, 3), demand({ gpus: 1, gpu_milli: 500 })];
  expect(placedOn({ gpus: 1, gpu_milli: 500 }, nodes, mix)).toMatchObject({
    nodeId: "b",
    deviceIds: ["b-0"],
  });
});

test("CPUs that devices need are left to them", () => {
  const nodes = [node("a", 1, { freeCpuMilli: 8000 }), node("b", 2, { freeCpuMilli: 16_000 })];
  const mix = [demand({ gpus: 1, cpu_milli: 8000 })];
  // On `a` the only device would be left without CPUs; NSML's rule alone would go there.
  expect(placedOn({ cpu_milli: 1000 }, nodes, [])?.nodeId).toBe("a");
  const wide = node("b", 2, { freeCpuMilli: 17_000 });
  expect(placedOn({ cpu_milli: 1000 }, [nodes[0] as ReturnType<typeof node>, wide], mix)?.nodeId).toBe("b");
});

test("of a node's devices the one that is left fullest", () => {
  const mix = [demand({ gpus: 1 })];
  const part = placedOn({ gpus: 1, gpu_milli: 300 }, [withFree("a", [1000, 800, 350, 300])], mix);
  expect(part).toMatchObject({ deviceIds: ["a-3"], milli: 300 });
});
