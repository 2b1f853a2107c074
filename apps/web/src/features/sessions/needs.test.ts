import { expect, test } from "bun:test";
import { needs } from "./needs.ts";

test("what a session needs is told in a few words", () => {
  expect(needs({ gpus: 0, gpu_model: null, cpu_milli: 500, memory_bytes: 512 * 1024 ** 2 })).toBe(
    "0.5 CPU, 512 MiB",
  );
  expect(needs({ gpus: 2, gpu_model: "H100", cpu_milli: 4000, memory_bytes: 16 * 1024 ** 3 })).toBe(
    "2 GPUs (H100), 4 CPUs, 16 GiB",
  );
});
