import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { routesOf } from "../../testing/serving.ts";
import { count, makeVersions, sharesAtGateways } from "../../testing/traffic.ts";

test("gateways are told of a shadow and when it ends; it takes no traffic", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    const { ask } = apiOf(member);
    const put = (body: unknown) => ask("PUT", `/endpoints/${endpoint.name}/shadow`, body);
    expect((await put({ version: 2, percent: 20, tolerance: 0.01 })).status).toBe(200);
    const [first, second] = (await routesOf(ctx, endpoint)).bindings;
    expect([first?.shadow, second?.shadow]).toEqual([undefined, { percent: 20, tolerance: 0.01 }]);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=1");
    expect((await put({ version: 2, percent: 0 })).status).toBe(200);
    expect((await routesOf(ctx, endpoint)).bindings[1]?.shadow).toBeUndefined();
  }));

test("one that answers callers, or does not run, is refused", () =>
  withRollback(async (db) => {
    const { member, endpoint } = await makeVersions(systemContext(db));
    const put = (body: unknown) => apiOf(member).ask("PUT", `/endpoints/${endpoint.name}/shadow`, body);
    expect((await put({ version: 1, percent: 20 })).json().detail).toContain("answers callers");
    expect((await put({ version: 7, percent: 20 })).status).toBe(404);
    for (const body of [{ version: 2, percent: 101 }, { version: 2, percent: 1, tolerance: -1 }, {}])
      expect((await put(body)).status).toBe(400);
  }));

test("what was compared is shown by version, without a word of what the answers said", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    const { ask } = apiOf(member);
    await ask("PUT", `/endpoints/${endpoint.name}/shadow`, { version: 2, percent: 20 });
    const worst = [{ at: "2026-01-01T12:00:00.000Z", where: "y", difference: 0.5 }];
    const shadow = { compared: 10, agreed: 9, failed: 1, dropped: 3, numeric: 9, max_difference: 0.5 };
    await count(ctx, endpoint, {
      1: { calls: 50, errors: 1, ms: 20 },
      2: { calls: 0, shadow: { ...shadow, sum_of_mean_differences: 0.9, worst } },
    });
    const { items } = (await ask("GET", `/endpoints/${endpoint.name}/versions`)).json();
    expect(items[0]).toMatchObject({ version: 1, calls: 50, errors: 1, shadow: null });
    expect(Math.abs(items[0].p99_ms - 20)).toBeLessThan(1);
    expect(items[1].shadow).toMatchObject({
      percent: 20,
      compared: 10,
      agreed: 9,
      agreement: 0.9,
      max_difference: 0.5,
      mean_difference: 0.1,
      worst,
    });
  }));
