import { expect, test } from "bun:test";
import { groupDevices } from "./group-devices.ts";

const device = (index: number, model: string, memory_bytes = 80) => ({
  index,
  uuid: `gpu-${index}`,
  model,
  memory_bytes,
});

test("devices alike are counted together, most first", () => {
  const groups = groupDevices([
    device(0, "A10"),
    device(1, "H100"),
    device(2, "H100"),
    device(3, "H100", 94),
  ]);
  expect(groups).toEqual([
    { model: "H100", memory_bytes: 80, number: 2 },
    { model: "A10", memory_bytes: 80, number: 1 },
    { model: "H100", memory_bytes: 94, number: 1 },
  ]);
});
