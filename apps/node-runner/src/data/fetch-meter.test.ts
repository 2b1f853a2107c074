import { expect, test } from "bun:test";
import { FetchMeter } from "./fetch-meter.ts";

const MIB = 1024 ** 2;
const blob = (size: number) => ({ path: "x", sha256: "a".repeat(64), size, mode: 0o644 as const });
const { signal } = new AbortController();

/** A meter on a clock of its own, and a source whose fetches take as long as they are told to. */
function setUp() {
  let now = 0;
  const waiting: { until: number; done: () => void }[] = [];
  const meter = new FetchMeter(() => now);
  let takesMs = 0;
  const takes = () => new Promise<void>((done) => waiting.push({ until: now + takesMs, done }));
  const source = meter.measured({
    tree: () => Promise.reject(new Error("not asked for")),
    fetchBlob: takes,
    fetchPack: takes,
  });
  return {
    meter,
    fetch(size: number, ms: number) {
      takesMs = ms;
      return source.fetchBlob(blob(size), signal);
    },
    fetchPack(sizes: number[], ms: number) {
      takesMs = ms;
      return source.fetchPack(sizes.map(blob), signal);
    },
    async passTo(ms: number) {
      now = ms;
      for (const each of waiting.splice(0).filter(({ until }) => until <= now)) each.done();
      await Bun.sleep(0);
    },
  };
}

test("little says nothing; enough says bytes a second", async () => {
  const { meter, fetch, passTo } = setUp();
  void fetch(MIB, 100);
  await passTo(100);
  expect(meter.bytesPerSecond).toBeNull();
  void fetch(9 * MIB, 900);
  await passTo(1000);
  expect(meter.bytesPerSecond).toBe(10 * MIB);
});

test("time in which nothing is fetched does not count, and time in which several are counts once", async () => {
  const { meter, fetch, passTo } = setUp();
  void fetch(10 * MIB, 1000);
  void fetch(10 * MIB, 1000);
  await passTo(1000);
  await passTo(60_000);
  void fetch(20 * MIB, 1000);
  await passTo(61_000);
  expect(meter.bytesPerSecond).toBe(20 * MIB);
});

test("a pack counts with all that is in it", async () => {
  const { meter, fetchPack, passTo } = setUp();
  void fetchPack([9 * MIB, 9 * MIB], 1000);
  await passTo(1000);
  expect(meter.bytesPerSecond).toBe(18 * MIB);
});

test("what was measured long ago fades", async () => {
  const { meter, fetch, passTo } = setUp();
  for (let second = 1; second <= 20; second++) {
    void fetch(1024 * MIB, 1000);
    await passTo(second * 1000);
  }
  for (let second = 21; second <= 120; second++) {
    void fetch(64 * MIB, 1000);
    await passTo(second * 1000);
  }
  expect(meter.bytesPerSecond).toBeLessThan(100 * MIB);
});
