import { expect, test } from "bun:test";
import { needs } from "./needs.ts";

test("what a session needs is told in a few words", () => {
  expect(
    needs({ gpus: 0, gpu_milli: 1000, gpu_model: null, cpu_milli: 500, memory_bytes: 512 * 1024 ** 2 }),
  ).toBe("0.5 CPU, 512 MiB");
  expect(
    needs({ gpus: 2, gpu_milli: 1000, gpu_model: "H100", cpu_milli: 4000, memory_bytes: 16 * 1024 ** 3 }),
  ).toBe("2 GPUs (H100), 4 CPUs, 16 GiB");
  const shared = { gpus: 1, gpu_milli: 250, gpu_model: "H100|A100", cpu_milli: 1000, memory_bytes: 2 ** 30 };
  expect(needs(shared)).toBe("0.25 GPU (H100 or A100), 1 CPU, 1 GiB");
});
