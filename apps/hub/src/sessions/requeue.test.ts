import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { makeMember, makeRunningSession, makeSession, reload } from "../testing/factories.ts";
import { putBack, requeueDue } from "./requeue.ts";
import { updateSession } from "./store.ts";

test("a session that waits to be tried again is queued when its time has come, once, and not before", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const retryAt = new Date(ctx.clock.now().getTime() + 10_000);
    await db.transaction((tx) => putBack(ctx, tx, session, { state: "retrying", retryAt }));
    expect(await reload(ctx, session)).toMatchObject({ epoch: session.epoch + 1, attemptId: null });

    ctx.clock.advance(9_999);
    expect(await requeueDue(ctx)).toBe(0);
    ctx.clock.advance(1);
    expect(await requeueDue(ctx)).toBe(1);
    expect(await reload(ctx, session)).toMatchObject({ state: "queued", retryAt: null });
    expect(await requeueDue(ctx)).toBe(0);
    expect((await outboxTypes(db)).filter((type) => type === "session.queued")).toHaveLength(2);
  }));

test("training goes on from what it saved last; what infers or serves keeps the checkpoint that it was given", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const [given, saved] = [
      { name: "given", tree_id: "1" },
      { name: "saved", tree_id: "2" },
    ];
    for (const [kind, latest, expected] of [
      ["train", saved, "saved"],
      ["train", null, "given"],
      ["serve", saved, "given"],
    ] as const) {
      const { id } = await makeSession(member);
      await db.transaction((tx) =>
        updateSession(tx, id, { kind, checkpoint: given, latestCheckpoint: latest }),
      );
      const session = await reload(ctx, { id });
      await db.transaction((tx) => putBack(ctx, tx, session, { state: "queued" }));
      expect((await reload(ctx, { id })).checkpoint?.name).toBe(expected);
    }
  }));
