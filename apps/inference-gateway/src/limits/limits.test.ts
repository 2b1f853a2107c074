import { expect, test } from "bun:test";
import { sha256 } from "../hash.ts";
import { startTestBed, until } from "../testing/test-gateway.ts";
import { KEY, testBinding, testId, testTable } from "../testing/test-table.ts";
import { AddressBuckets } from "./address-buckets.ts";
import { Fleet } from "./fleet.ts";
import { KeyLimits } from "./key-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

const fleetOf = (size: number) => {
  const fleet = new Fleet();
  const gateways = Array.from({ length: size }, (_, n) => ({
    id: testId("gtw", n),
    url: "http://127.0.0.1:1",
  }));
  fleet.apply({ gateways, quotas: [] });
  return fleet;
};
const passed = (bucket: TokenBucket, from: number, to: number) => {
  let count = 0;
  for (let now = from; now < to; now += 1) if (bucket.take(now) === 0) count += 1;
  return count;
};

test("a bucket lets its burst pass at once, then its rate; over any time never more than both together", () => {
  const bucket = new TokenBucket({ per_second: 100, burst: 20 }, fleetOf(1));
  expect(Array.from({ length: 30 }, () => bucket.take(0)).filter((wait) => wait === 0)).toHaveLength(20);
  expect(bucket.take(0)).toBeCloseTo(10);
  expect(passed(bucket, 1, 10_001)).toBeWithin(998, 1_001);
  bucket.take(1_000_000);
  expect(bucket.remaining).toBe(19);
});

test("gateways side by side let the limit pass together, whatever their number, and share anew when it changes", () => {
  const limit = { per_second: 100, burst: 12 };
  for (const size of [1, 2, 3, 5]) {
    const fleet = fleetOf(size);
    const buckets = Array.from({ length: size }, () => new TokenBucket(limit, fleet));
    const total = buckets.reduce((sum, bucket) => sum + passed(bucket, 1, 10_001), 0);
    expect(total).toBeWithin(990, 1_014);
  }
  const fleet = fleetOf(1);
  const bucket = new TokenBucket(limit, fleet);
  passed(bucket, 0, 1_000);
  fleet.apply({ gateways: [1, 2, 3, 4].map((n) => ({ id: testId("gtw", n), url: "" })), quotas: [] });
  expect(passed(bucket, 1_000, 11_000)).toBeWithin(249, 253);
});

test("a quota: the last call passes and the next does not; the hub's word counts other gateways in, and a new day begins anew", () => {
  const limits = new KeyLimits(fleetOf(1));
  limits.configure({ calls_per_day: 10 });
  const noon = Date.UTC(2026, 0, 1, 12);
  for (let call = 0; call < 10; call++) {
    expect(limits.day.secondsToWait(noon)).toBe(0);
    limits.count(noon);
  }
  expect(limits.day.secondsToWait(noon)).toBe(12 * 3_600);
  expect(limits.month.secondsToWait(noon)).toBe(0);
  expect(limits.day.secondsToWait(noon + 12 * 3_600_000)).toBe(0);

  const shared = new KeyLimits(fleetOf(1));
  shared.configure({ calls_per_day: 10 });
  for (let call = 0; call < 4; call++) shared.count(noon);
  shared.acknowledge(3);
  shared.asking();
  shared.count(noon);
  const use = { key_id: testId("key", 1), day: "2026-01-01", calls_today: 7, calls_this_month: 7 };
  shared.settle(use, noon);
  // Seven booked, one not yet, one since it was asked.
  expect(shared.day.remaining).toBe(1);
  shared.settle({ ...use, day: "2025-12-31", calls_today: 0 }, noon);
  expect(shared.day.remaining).toBe(1);
});

test("gateways that hear nothing of each other divide what was left of a quota among them", () => {
  const fleet = fleetOf(3);
  const noon = Date.UTC(2026, 0, 1, 12);
  const gateways = [0, 1, 2].map(() => {
    const limits = new KeyLimits(fleet);
    limits.configure({ calls_per_day: 100 });
    limits.asking();
    const use = { key_id: testId("key", 1), day: "2026-01-01", calls_today: 70, calls_this_month: 70 };
    limits.settle(use, noon);
    return limits;
  });
  let passedOn = 0;
  for (const limits of gateways)
    while (limits.day.secondsToWait(noon) === 0) {
      limits.count(noon);
      passedOn += 1;
    }
  expect(passedOn).toBe(30);
});

test("an IPv6 network of one household is one address, and of many addresses only so many are remembered", () => {
  const addresses = new AddressBuckets({ per_second: 1, burst: 1 }, fleetOf(1));
  expect(addresses.of("2001:db8:1:2::1")).toBe(addresses.of("2001:db8:1:2:ffff::9"));
  expect(addresses.of("2001:db8:1:2::1")).not.toBe(addresses.of("2001:db8:1:3::1"));
  expect(addresses.of("::ffff:192.0.2.1")).toBe(addresses.of("192.0.2.1"));
  const first = addresses.of("192.0.2.1");
  for (let n = 0; n < 30_000; n++) addresses.of(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
  expect(addresses.of("192.0.2.1")).not.toBe(first);
});

const key = (change: object) => ({ id: testId("key", 1), sha256: sha256(KEY), expires_at: null, ...change });

test("a key that calls too fast is answered 429 with when to come back; its answers say what is left", async () => {
  const rate = { per_second: 0.02, burst: 2 };
  await using bed = await startTestBed(testTable({ keys: [key({ rate })] }));
  await bed.replica();
  const first = await bed.post("/model-1", "1");
  expect([
    first.status,
    first.headers.get("ratelimit-limit"),
    first.headers.get("ratelimit-remaining"),
  ]).toEqual([200, "2", "1"]);
  await bed.post("/model-1", "1");
  const refused = await bed.post("/model-1", "1");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeWithin(45, 51);
  expect(refused.headers.get("ratelimit-remaining")).toBe("0");
  expect(await refused.json()).toMatchObject({ code: "limit_reached" });
  const protocol = await bed.post("/v2/models/model-1/infer", {});
  expect([protocol.status, Object.keys(await protocol.json())]).toEqual([429, ["error"]]);
  expect((await bed.post("/model-1", "1", { authorization: "Bearer pdk_guess" })).status).toBe(401);

  // A new table forgives nothing.
  bed.hub.publish((table) => void table.endpoints[0]?.bindings.push(testBinding(2, { weight: 0 })));
  await until(async () => (await (await bed.get("/v2/models/model-1")).text()).includes('"2"'));
  expect((await bed.post("/model-1", "1")).status).toBe(429);
});

test("all keys together meet the endpoint's limit; what one is refused there is not taken from its own", async () => {
  const other = { id: testId("key", 2), sha256: sha256("pdk_other"), expires_at: null };
  const own = key({ rate: { per_second: 0.01, burst: 5 } });
  await using bed = await startTestBed(
    testTable({ keys: [own, other], rate: { per_second: 0.01, burst: 2 } }),
  );
  await bed.replica();
  const statuses = [];
  for (const bearer of [KEY, "pdk_other", KEY, "pdk_other"])
    statuses.push((await bed.post("/model-1", "1", { authorization: `Bearer ${bearer}` })).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
});

test("a public endpoint limits each address; X-Forwarded-For of a peer that is no proxy is not believed", async () => {
  const rate = { per_second: 0.01, burst: 1 };
  await using bed = await startTestBed(testTable({ public: true, keys: [key({})], address_rate: rate }));
  await bed.replica();
  expect((await bed.post("/model-1", "1", {})).status).toBe(200);
  expect((await bed.post("/model-1", "1", { "x-forwarded-for": "192.0.2.7" })).status).toBe(429);
  // A caller with a key is known by it, not by where it comes from.
  expect((await bed.post("/model-1", "1")).status).toBe(200);
});

test("calls over a key's quota are 429 until the day ends, also when other gateways made them", async () => {
  const table = testTable({ keys: [key({ calls_per_day: 5 })] });
  await using bed = await startTestBed(table);
  await bed.replica();
  expect((await bed.post("/model-1", "1")).status).toBe(200);
  const day = new Date().toISOString().slice(0, 10);
  bed.hub.news = {
    gateways: [{ id: testId("gtw", 1), url: "http://127.0.0.1:1" }],
    quotas: [{ key_id: testId("key", 1), day, calls_today: 5, calls_this_month: 5 }],
  };
  const beats = bed.hub.heartbeats.length;
  await until(() => bed.hub.heartbeats.length > beats);
  await until(async () => (await bed.post("/model-1", "1")).status === 429);
  const refused = await bed.post("/model-1", "1");
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("5 calls of this day") });
  expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 86_401);
}, 20_000);
