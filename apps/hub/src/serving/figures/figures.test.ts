import { expect, test } from "bun:test";
import {
  BATCH_BUCKETS,
  DURATION_BUCKETS,
  durationBucket,
  ERROR_CLASSES,
  type FiguresReport,
  type MinuteFigures,
} from "@podium/shared";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint } from "../../testing/serving.ts";
import { takeFigures } from "./take-figures.ts";
import { DEFAULT_KEPT, trimEndpointFigures } from "./trim-figures.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const gateway = (digit: string) => `gtw_${digit.repeat(32)}`;
const counts = (length: number, bucket: number, count: number) =>
  Array.from({ length }, (_, index) => (index === bucket ? count : 0));

/** So many answers of so many ms each in one batch, with one call that had no key. */
function minuteOf({ id }: { id: string }, calls: number, ms: number, version = 1): MinuteFigures {
  return {
    endpoint_id: id as MinuteFigures["endpoint_id"],
    version,
    calls: calls + 1,
    errors: counts(ERROR_CLASSES.length, ERROR_CLASSES.indexOf("denied"), 1),
    latency: counts(DURATION_BUCKETS, durationBucket(ms), calls),
    batches: counts(BATCH_BUCKETS, 3, 1),
    batched: calls,
    latency_ms: calls * ms,
    queue_ms: calls,
    batch_ms: 0,
    transport_ms: 0,
    compute_ms: calls * 2,
    max_waiting: calls,
  };
}

const report = (ctx: TestContext, sequence: number, items: MinuteFigures[], digit = "a"): FiguresReport => ({
  gateway_id: gateway(digit),
  sequence,
  minute: new Date(Math.floor(ctx.clock.now().getTime() / MINUTE_MS) * MINUTE_MS).toISOString(),
  items,
});

interface Series {
  step_seconds: number;
  points: { calls: number; [name: string]: unknown }[];
  versions: { version: number; points: { calls: number }[] }[];
  batch_sizes: { at_most: number | null; batches: number }[];
}
async function seriesOf(ctx: TestContext, { name }: { name: string }, query = ""): Promise<Series> {
  const { status, json } = await apiOf(ctx).ask("GET", `/endpoints/${name}/figures${query}`);
  expect(status).toBe(200);
  return json() as unknown as Series;
}
const callsOf = (points: { calls: number }[]) => points.reduce((sum, { calls }) => sum + calls, 0);

test("minutes of several gateways add up, each once however often it comes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    for (let time = 0; time < 3; time++) await takeFigures(ctx, report(ctx, 5, [minuteOf(endpoint, 7, 10)]));
    await takeFigures(ctx, report(ctx, 4, [minuteOf(endpoint, 1_000, 10)]));
    await takeFigures(ctx, report(ctx, 1, [minuteOf(endpoint, 3, 10), minuteOf(endpoint, 6, 10, 2)], "b"));
    const series = await seriesOf(member, endpoint);
    expect(series.points).toHaveLength(1);
    expect(series.points[0]).toMatchObject({
      calls: 7 + 3 + 6 + 3,
      errors: { denied: 3, model: 0 },
      latency_ms: { mean: 10 },
      stages_ms: { queue: 1, batch: 0, transport: 0, compute: 2 },
      batch_size: 16 / 3,
      max_waiting: 7,
    });
    expect(series.versions.map(({ version, points }) => [version, callsOf(points)])).toEqual([
      [1, 12],
      [2, 7],
    ]);
    expect(series.batch_sizes.find(({ at_most }) => at_most === 8)).toEqual({ at_most: 8, batches: 3 });
    const { p50, p99 } = (series.points[0]?.["latency_ms"] ?? {}) as Record<string, number>;
    for (const found of [p50, p99]) expect(Math.abs((found ?? 0) / 10 - 1)).toBeLessThan(0.15);
  }));

test("percentiles are those of all that happened in a step, not means of percentiles", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    await takeFigures(ctx, report(ctx, 1, [minuteOf(endpoint, 980, 5)], "a"));
    await takeFigures(ctx, report(ctx, 1, [minuteOf(endpoint, 20, 500)], "b"));
    const [point] = (await seriesOf(member, endpoint)).points;
    const { p50, p95, p99 } = (point?.["latency_ms"] ?? {}) as Record<string, number>;
    expect(p50).toBeLessThan(6);
    expect(p95).toBeLessThan(6);
    expect(p99).toBeGreaterThan(400);
  }));

test("hours have what the minutes had, those that came late too, and stay when minutes go", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const late = report(ctx, 1, [minuteOf(endpoint, 4, 10)], "b");
    for (let sequence = 1; sequence <= 3; sequence++) {
      await takeFigures(ctx, report(ctx, sequence, [minuteOf(endpoint, 9, 10)]));
      ctx.clock.advance(MINUTE_MS);
    }
    await takeFigures(ctx, late);
    const from = new Date(ctx.clock.now().getTime() - 3 * DAY_MS).toISOString();
    const long = async () => callsOf((await seriesOf(member, endpoint, `?from=${from}`)).points);
    expect(callsOf((await seriesOf(member, endpoint)).points)).toBe(35);
    expect(await long()).toBe(35);
    expect(await trimEndpointFigures(ctx, DEFAULT_KEPT)).toBe(0);
    ctx.clock.advance(DEFAULT_KEPT[60]);
    expect(await trimEndpointFigures(ctx, DEFAULT_KEPT)).toBe(3);
    expect(callsOf((await seriesOf(member, endpoint, `?from=${from}`)).points)).toBe(35);
    ctx.clock.advance(DEFAULT_KEPT[3600]);
    expect(await trimEndpointFigures(ctx, DEFAULT_KEPT)).toBeGreaterThan(0);
    expect(await long()).toBe(0);
  }));

test("there are no more points than asked for, and a step begins at a round time", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    for (let sequence = 1; sequence <= 50; sequence++) {
      await takeFigures(ctx, report(ctx, sequence, [minuteOf(endpoint, 1, 10)]));
      ctx.clock.advance(MINUTE_MS);
    }
    const { points, step_seconds } = await seriesOf(member, endpoint, "?points=7");
    expect(points.length).toBeLessThanOrEqual(7);
    expect(callsOf(points)).toBe(100);
    for (const { at } of points as unknown as { at: string }[])
      expect(Date.parse(at) % (step_seconds * 1000)).toBe(0);
  }));

test("only the endpoint's team reads its figures, only gateways write them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const other = await makeMember(ctx);
    const path = `/endpoints/${endpoint.name}/figures`;
    expect((await apiOf(other).ask("GET", path)).status).toBe(404);
    expect((await apiOf(member).ask("GET", `${path}?from=yesterday`)).status).toBe(400);
    const back = "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";
    expect((await apiOf(member).ask("GET", `${path}${back}`)).status).toBe(400);
    const body = report(ctx, 1, [minuteOf(endpoint, 1, 10)]);
    expect((await apiOf(member).ask("POST", "/gateway/figures", body)).status).toBe(401);
    const gatewayApi = apiOf(as(ctx, { kind: "gateway" }));
    expect((await gatewayApi.ask("POST", "/gateway/figures", body)).status).toBe(204);
    const short = { ...body, sequence: 2, items: [{ ...minuteOf(endpoint, 1, 10), latency: [1] }] };
    expect((await gatewayApi.ask("POST", "/gateway/figures", short)).status).toBe(400);
    const unknown = [minuteOf({ id: ctx.ids.next("endpoint") }, 1, 10), minuteOf(endpoint, 1, 10)];
    const mixed = report(ctx, 3, unknown);
    expect((await gatewayApi.ask("POST", "/gateway/figures", mixed)).status).toBe(204);
    expect(callsOf((await seriesOf(member, endpoint)).points)).toBe(4);
  }));

test("gateways that report at once, the endpoints in any order, are all counted", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoints = [];
    for (let index = 0; index < 5; index++) endpoints.push(await makeEndpoint(member));
    const items = endpoints.map((endpoint) => minuteOf(endpoint, 1, 10));
    await Promise.all(
      ["a", "b", "c", "d"].flatMap((digit, index) => {
        const mine = index % 2 === 0 ? items : [...items].reverse();
        return [takeFigures(ctx, report(ctx, 1, mine, digit)), takeFigures(ctx, report(ctx, 1, mine, digit))];
      }),
    );
    for (const endpoint of endpoints) expect(callsOf((await seriesOf(member, endpoint)).points)).toBe(8);
  }));
