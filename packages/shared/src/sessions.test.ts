import { expect, test } from "bun:test";
import { resourcesSchema, sharedMemoryBytes } from "./sessions.ts";

const MIB = 1024 ** 2;

test("nothing said is one small session on 10 GiB of disk", () => {
  expect(resourcesSchema.parse({})).toEqual({
    gpus: 0,
    gpu_milli: 1000,
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

test("a share is of one device: none of several, none of no device, not nothing and not more than all", () => {
  const asked = (gpus: number, gpu_milli: number) => resourcesSchema.safeParse({ gpus, gpu_milli }).success;
  expect(asked(1, 500)).toBe(true);
  expect(asked(2, 1000)).toBe(true);
  for (const [gpus, milli] of [
    [0, 500],
    [2, 500],
    [1, 0],
    [1, -5],
    [1, 1001],
    [1, 0.5],
  ] as const)
    expect(asked(gpus, milli)).toBe(false);
});

test("several models that will do have | between them, and none is empty", () => {
  const allows = (gpu_model: string) => resourcesSchema.safeParse({ gpus: 1, gpu_model }).success;
  for (const good of ["H100", "H100|A100", "NVIDIA A100-SXM4-80GB | NVIDIA H100 80GB HBM3"])
    expect(allows(good)).toBe(true);
  for (const bad of ["", " ", "|", "H100|", "|H100", "H100||A100", "H100| |A100"])
    expect(allows(bad)).toBe(false);
});
