import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { needsOf, nodesOf } from "./needs.ts";
import type { Session } from "./types.ts";

const needs = (nodes: number, resources: object) =>
  needsOf({ nodes, resources: resourcesSchema.parse({ cpu_milli: 1000, ...resources }) });

test("what a session asks for is said in a few words, a gang's for each member", () => {
  expect(needs(1, {})).toBe("1 CPU, 512 MiB");
  expect(needs(1, { gpus: 1, gpu_milli: 500, cpu_milli: 500 })).toBe("0.5 of a GPU, 0.5 CPUs, 512 MiB");
  expect(needs(2, { gpus: 8, gpu_model: "H100|A100" })).toBe(
    "8 GPUs (H100 or A100), 1 CPU, 512 MiB for each of 2 members",
  );
});

test("a gang's nodes are named once each, with how many members they have", () => {
  const at = (...nodes: string[]) =>
    nodesOf({
      node: nodes[0] ?? null,
      members: nodes.map((node, rank) => ({ rank, node, state: "running" })) as Session["members"],
    });
  expect(at("a", "b")).toBe("a, b");
  expect(at("a", "a", "b")).toBe("a ×2, b");
  expect(nodesOf({ node: "a", members: [] })).toBe("a");
  expect(nodesOf({ node: null, members: [] })).toBeNull();
});
