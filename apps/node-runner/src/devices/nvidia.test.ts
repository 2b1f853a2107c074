import { expect, test } from "bun:test";
import { parseNvidia } from "./nvidia.ts";

test("two devices are read with their memory in bytes and their use as a share", () => {
  const csv =
    "0, GPU-1b2c, NVIDIA H100 80GB HBM3, 81559, 37, 1024\n1, GPU-9f, NVIDIA H100 80GB HBM3, 81559, [N/A], 4\n";
  expect(parseNvidia(csv)).toEqual([
    {
      device: { index: 0, uuid: "GPU-1b2c", model: "NVIDIA H100 80GB HBM3", memory_bytes: 81559 * 1024 ** 2 },
      utilization: 0.37,
      memory_used_bytes: 1024 ** 3,
    },
    {
      device: { index: 1, uuid: "GPU-9f", model: "NVIDIA H100 80GB HBM3", memory_bytes: 81559 * 1024 ** 2 },
      utilization: 0,
      memory_used_bytes: 4 * 1024 ** 2,
    },
  ]);
});

test("an error message instead of a table is no device", () => {
  expect(parseNvidia("No devices were found\n")).toEqual([]);
});
