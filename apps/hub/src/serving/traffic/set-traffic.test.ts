import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeBinding } from "../../testing/serving.ts";
import { makeRollout, makeVersions, setShares, shares, sharesAtGateways } from "../../testing/traffic.ts";
import { currentVersion } from "../store.ts";
import { listTrafficChanges } from "./store.ts";

test("all shares are set at once, gateways get them in one table, and who did it is written down", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx, 3);
    const before = await currentVersion(db);
    await setShares(member, endpoint, "1=90 3=10");
    expect(await currentVersion(db)).toBe(before + 1);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=90 3=10");
    const [newest] = await listTrafficChanges(db, endpoint.id, 1, undefined);
    expect(newest).toMatchObject({
      actor: expect.any(String),
      change: { cause: "set", before: shares("1=100"), after: shares("1=90 3=10"), at: ctx.clock.now() },
    });
  }));

test("saying again what is so changes nothing and tells nobody", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await setShares(member, endpoint, "1=50 2=50");
    const [version, rows] = [
      await currentVersion(db),
      await listTrafficChanges(db, endpoint.id, 99, undefined),
    ];
    await setShares(member, endpoint, "2=50 1=50");
    expect(await currentVersion(db)).toBe(version);
    expect(await listTrafficChanges(db, endpoint.id, 99, undefined)).toEqual(rows);
  }));

test("a version that is loading, has ended, is a shadow or unknown gets nothing, with the reason; all stays as it was", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx, 2);
    await makeBinding(member, endpoint, { weight: 0 });
    const { ask } = apiOf(member);
    const put = (text: string) => ask("PUT", `/endpoints/${endpoint.name}/traffic`, { shares: shares(text) });
    expect((await ask("PUT", `/endpoints/${endpoint.name}/shadow`, { version: 2, percent: 10 })).status).toBe(
      200,
    );
    for (const [text, why] of [
      ["1=50 3=50", "still being loaded"],
      ["1=50 2=50", "as a shadow"],
      ["1=50 9=50", "no such version"],
    ] as const) {
      const answer = await put(text);
      expect([answer.status, answer.json().detail]).toEqual([409, expect.stringContaining(why)]);
    }
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=1");
  }));

test("shares that don't add up, name a version twice or say nothing are refused", () =>
  withRollback(async (db) => {
    const { member, endpoint } = await makeVersions(systemContext(db));
    const { ask } = apiOf(member);
    const bodies = [
      { shares: shares("1=50 2=40") },
      { shares: shares("1=50 1=50") },
      { shares: [] },
      { shares: shares("1=-1 2=101") },
      {},
    ];
    for (const body of bodies)
      expect((await ask("PUT", `/endpoints/${endpoint.name}/traffic`, body)).status).toBe(400);
  }));

test("who does not belong to the team finds no such endpoint; a canary is not interfered with", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    const path = `/endpoints/${endpoint.name}`;
    const stranger = apiOf(await makeMember(ctx));
    const body = { shares: shares("1=100") };
    expect((await stranger.ask("PUT", `${path}/traffic`, body)).status).toBe(404);
    expect((await stranger.ask("POST", `${path}/traffic/rollback`)).status).toBe(404);
    expect((await stranger.ask("GET", `${path}/traffic/changes`)).status).toBe(404);
    expect((await stranger.ask("GET", `${path}/versions`)).status).toBe(404);
    await makeRollout(member, endpoint);
    const answer = await apiOf(member).ask("PUT", `${path}/traffic`, body);
    expect([answer.status, answer.json().detail]).toEqual([409, expect.stringContaining("canary")]);
  }));

test("how long old versions are kept is a setting of the endpoint", () =>
  withRollback(async (db) => {
    const { member, endpoint } = await makeVersions(systemContext(db));
    const { ask } = apiOf(member);
    const answer = await ask("PUT", `/endpoints/${endpoint.name}/traffic`, {
      shares: shares("2=100"),
      keep_old_ms: 60_000,
    });
    expect(answer.json()).toMatchObject({
      keep_old_ms: 60_000,
      bindings: [
        { version: 1, percent: 0, stops_at: "2026-01-01T12:01:00.000Z", state: "ready" },
        { version: 2, percent: 100, stops_at: null },
      ],
    });
  }));
