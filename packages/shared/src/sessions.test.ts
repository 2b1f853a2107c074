import { expect, test } from "bun:test";
import { resourcesSchema, sharedMemoryBytes } from "./sessions.ts";

const MIB = 1024 ** 2;

test("nothing said is one small session on 10 GiB of disk", () => {
  expect(resourcesSchema.parse({})).toEqual({
    gpus: 0,
    gpu_model: null,
    cpu_milli: 500,
    memory_bytes: 512 * MIB,
    shm_bytes: null,
    disk_bytes: 10 * 1024 * MIB,
  });
});

test.each([
  ["gpus", -1],
  ["gpus", 65],
  ["gpus", 0.5],
  ["cpu_milli", 0],
  ["cpu_milli", -500],
  ["cpu_milli", 1e12],
  ["memory_bytes", -1],
  ["memory_bytes", 1024],
  ["memory_bytes", Number.MAX_SAFE_INTEGER],
  ["memory_bytes", Number.NaN],
  ["shm_bytes", 0],
  ["shm_bytes", -1],
  ["shm_bytes", 1024 * MIB],
  ["disk_bytes", 0],
  ["disk_bytes", -10],
  ["disk_bytes", Number.POSITIVE_INFINITY],
  ["disk_bytes", "10G"],
])("%s of %p is refused by its name", (field, value) => {
  const { error } = resourcesSchema.safeParse({ [field]: value });
  expect(error?.issues.map(({ path }) => path)).toEqual([[field]]);
});

test("shared memory is half the memory and 1 GiB at most, or as asked for within the memory", () => {
  const of = (given: object) => sharedMemoryBytes(resourcesSchema.parse(given));
  expect(of({ memory_bytes: 100 * MIB })).toBe(50 * MIB);
  expect(of({ memory_bytes: 64 * 1024 * MIB })).toBe(1024 * MIB);
  expect(of({ memory_bytes: 100 * MIB, shm_bytes: 80 * MIB })).toBe(80 * MIB);
});
