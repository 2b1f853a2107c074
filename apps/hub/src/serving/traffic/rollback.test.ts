import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint } from "../../testing/serving.ts";
import {
  makeRollout,
  makeVersions,
  newestRollout,
  setShares,
  sharesAtGateways,
} from "../../testing/traffic.ts";
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
