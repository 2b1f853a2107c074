import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeVersions } from "../../testing/traffic.ts";
import { unbindModel } from "../unbind.ts";
import { endDrains } from "./end-drains.ts";

test("a model that was taken off is stopped when its calls have had their time, and not before", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx);
    const [first] = versions;
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, first?.id ?? ""));
    ctx.clock.advance(endpoint.timeoutMs);
    expect(await endDrains(ctx)).toBe(0);
    ctx.clock.advance(5_000);
    expect(await endDrains(ctx)).toBe(1);
    expect((await first?.serveSession())?.state).toBe("stopping");
    expect(await endDrains(ctx)).toBe(0);
  }));

test("one whose node is lost while it drains does not start again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx, 1);
    const [only] = versions;
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, only?.id ?? ""));
    await only?.loseNode();
    expect((await only?.reload())?.state).toBe("stopped");
    expect((await only?.serveSession())?.state).toBe("stopped");
  }));
