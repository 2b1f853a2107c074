import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { makeMember, makeRunningSession, makeSession, reload } from "../testing/factories.ts";
import { stopSession } from "./stop.ts";

test("stopping a running session asks its node to stop it; the second call conflicts", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);

    await db.transaction((tx) => stopSession(member, tx, session.id, "asked"));

    expect((await reload(member, session)).state).toBe("stopping");
    expect((await outboxTypes(db)).filter((type) => type === "session.stopping")).toHaveLength(1);
    await expect(db.transaction((tx) => stopSession(member, tx, session.id, "again"))).rejects.toMatchObject({
      code: "conflict",
    });
  }));

test("a queued session is stopped at once", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeSession(member);

    const stopped = await db.transaction((tx) => stopSession(member, tx, session.id, "asked"));

    expect(stopped.state).toBe("stopped");
    expect(await outboxTypes(db)).toEqual(["session.queued", "session.ended"]);
  }));

test("an unknown session is not found", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const call = db.transaction((tx) => stopSession(ctx, tx, ctx.ids.next("session"), "asked"));
    await expect(call).rejects.toMatchObject({ code: "not_found" });
  }));
