import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeRollout, makeVersions, newestRollout, sharesAtGateways } from "../../testing/traffic.ts";

test("a canary that is promoted by hand has all calls at once; a rollback goes back to before it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await makeRollout(member, endpoint);
    const { ask } = apiOf(member);
    const promoted = await ask("POST", `/endpoints/${endpoint.name}/rollouts/promote`);
    expect([promoted.status, promoted.json()]).toMatchObject([
      200,
      { state: "promoted", waits_for: null, log: [{}, { text: "Version 2 was promoted by hand." }] },
    ]);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("2=100");
    expect(await outboxTypes(db)).toContain("rollout.ended");
    expect((await ask("POST", `/endpoints/${endpoint.name}/traffic/rollback`)).status).toBe(200);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=100");
    expect((await ask("POST", `/endpoints/${endpoint.name}/rollouts/promote`)).status).toBe(404);
  }));

test("one that is still compared as a shadow answers callers from then on, and is no shadow any more", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx);
    await makeRollout(member, endpoint, { shadow_calls: 10 });
    await apiOf(member).ask("POST", `/endpoints/${endpoint.name}/rollouts/promote`);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("2=100");
    expect((await versions[1]?.reload())?.shadowPercent).toBe(0);
  }));

test("one whose model is being loaded again is refused, and goes on as it was", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx);
    await makeRollout(member, endpoint);
    await versions[1]?.loseNode();
    const refused = await apiOf(member).ask("POST", `/endpoints/${endpoint.name}/rollouts/promote`);
    expect([refused.status, refused.json().detail]).toEqual([
      409,
      expect.stringContaining("still being loaded"),
    ]);
    expect((await newestRollout(ctx, endpoint)).state).toBe("running");
  }));

test("strangers find no canary to promote", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await makeRollout(member, endpoint);
    const stranger = apiOf(await makeMember(ctx));
    expect((await stranger.ask("POST", `/endpoints/${endpoint.name}/rollouts/promote`)).status).toBe(404);
    expect((await newestRollout(ctx, endpoint)).state).toBe("running");
  }));
