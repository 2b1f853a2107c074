import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint } from "../../testing/serving.ts";
import {
  count,
  makeRollout,
  makeVersions,
  newestRollout,
  setShares,
  sharesAtGateways,
} from "../../testing/traffic.ts";
import { advanceRollouts } from "../rollouts/advance-rollouts.ts";
import { unbindModel } from "../unbind.ts";
import { rollBackTraffic } from "./rollback.ts";

test("it goes back to the shares before the last change; twice goes forth again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx, 3);
    await setShares(member, endpoint, "1=70 2=30");
    await setShares(member, endpoint, "3=100");
    const back = () => db.transaction((tx) => rollBackTraffic(member, tx, endpoint));
    await back();
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=70 2=30");
    await back();
    expect(await sharesAtGateways(ctx, endpoint)).toBe("3=100");
  }));

test("a canary under way is ended, and what it moved goes back", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await makeRollout(member, endpoint);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=95 2=5");
    await db.transaction((tx) => rollBackTraffic(member, tx, endpoint));
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=100");
    expect((await newestRollout(ctx, endpoint)).state).toBe("aborted");
    // Asked once more, it does not go to the canary again.
    await expect(db.transaction((tx) => rollBackTraffic(member, tx, endpoint))).rejects.toMatchObject({
      message: expect.stringContaining("is back already"),
    });
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=100");
  }));

test("after a canary was promoted it goes back to before the canary, not to one of its steps", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    await makeRollout(member, endpoint, { steps: [50, 100], every_ms: 1_000, min_calls: 1 });
    for (const calls of [10, 20]) {
      await count(ctx, endpoint, { 2: { calls } });
      ctx.clock.advance(1_000);
      await advanceRollouts(ctx);
    }
    expect((await newestRollout(ctx, endpoint)).state).toBe("promoted");
    await db.transaction((tx) => rollBackTraffic(member, tx, endpoint));
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=100");
  }));

test("where nothing was before, or the version before is gone, it says so and changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const empty = await makeEndpoint(await makeMember(ctx));
    await expect(db.transaction((tx) => rollBackTraffic(ctx, tx, empty))).rejects.toMatchObject({
      code: "conflict",
    });
    const { member, endpoint, versions } = await makeVersions(ctx);
    await setShares(member, endpoint, "2=100");
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, versions[0]?.id ?? ""));
    await expect(db.transaction((tx) => rollBackTraffic(member, tx, endpoint))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Bind its checkpoint again"),
    });
    expect(await sharesAtGateways(ctx, endpoint)).toBe("2=100");
  }));
