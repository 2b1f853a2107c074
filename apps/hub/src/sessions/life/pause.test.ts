import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { creditOf, makeMember, makeRunningSession, makeSession, reload } from "../../testing/factories.ts";
import { ends } from "../../testing/life.ts";
import { meterSessions } from "../meter.ts";
import { heldDevices } from "../store.ts";
import { pauseSession } from "./pause.ts";

test("a paused session holds no device and pays nothing, however long it stays so", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const session = await makeRunningSession(member, { resources: { gpus: 1 } });
    ctx.clock.advance(30_000);
    const pausing = await db.transaction((tx) => pauseSession(member, tx, session.id));
    expect(pausing).toMatchObject({ state: "stopping", afterStop: "paused" });
    expect(await ends(ctx, session)).toMatchObject({ state: "paused", stopReason: "paused by its team" });
    expect((await heldDevices(db)).size).toBe(0);
    ctx.clock.advance(86_400_000);
    await meterSessions(ctx);
    expect(await creditOf(member)).toEqual({ available: 99.5, held: 0, spent: 0.5 });
  }));

test("other teams can't pause it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const stranger = await makeMember(ctx);
    await expect(db.transaction((tx) => pauseSession(stranger, tx, session.id))).rejects.toMatchObject({
      code: "not_found",
    });
  }));

test("more pauses at once than the hub has connections don't wait for each other's", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const all = await Promise.all(Array.from({ length: 24 }, () => makeSession(member)));
    await Promise.all(all.map(({ id }) => db.transaction((tx) => pauseSession(member, tx, id))));
    for (const session of all) expect((await reload(member, session)).state).toBe("paused");
  }));
