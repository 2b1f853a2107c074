import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeRollout, makeVersions, setShares, sharesAtGateways } from "../../testing/traffic.ts";
import { endDrains } from "./end-drains.ts";
import { retireIdle } from "./retire-idle.ts";

const HOUR_MS = 3_600_000;

test("a version that lost its traffic is kept for an hour, then drains, then stops; one that never had any stays", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx, 3);
    const [old, , spare] = versions;
    await setShares(member, endpoint, "2=100");
    ctx.clock.advance(HOUR_MS - 1);
    await retireIdle(ctx);
    expect((await old?.reload())?.state).toBe("ready");
    ctx.clock.advance(1);
    await retireIdle(ctx);
    expect((await old?.reload())?.state).toBe("draining");
    expect((await old?.serveSession())?.state).toBe("running");
    await endDrains(ctx);
    expect((await old?.reload())?.state).toBe("draining");
    ctx.clock.advance(endpoint.timeoutMs + 5_000);
    await endDrains(ctx);
    await endDrains(ctx);
    expect((await old?.reload())?.state).toBe("stopped");
    expect((await old?.serveSession())?.state).toBe("stopping");
    expect((await spare?.reload())?.state).toBe("ready");
    expect(await sharesAtGateways(ctx, endpoint)).toBe("2=100");
  }));

test("one that got its traffic back, or that a canary may go back to, is not taken off", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx, 3);
    await setShares(member, endpoint, "3=100");
    await setShares(member, endpoint, "1=100");
    ctx.clock.advance(2 * HOUR_MS - 1);
    await makeRollout(member, endpoint, { steps: [100] });
    ctx.clock.advance(2 * HOUR_MS);
    await retireIdle(ctx);
    expect((await versions[0]?.reload())?.state).toBe("ready");
  }));
