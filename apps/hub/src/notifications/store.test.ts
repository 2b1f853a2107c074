import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { mailDeliveries, notifications } from "./schema.ts";
import { forgetDeliveries } from "./store.ts";

test("what became of a message is forgotten a month later, unless it still waits", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const users = [await makeMember(ctx), await makeMember(ctx)].flatMap(({ actor }) =>
      actor.kind === "user" ? actor.userId : [],
    );
    const createdAt = ctx.clock.now();
    const id = ctx.ids.next("notification");
    await db.insert(notifications).values({ id, kind: "node.leak", subject: "x", text: "x", createdAt });
    const states = ["sent", "queued"] as const;
    const rows = users.map((userId, index) => ({
      notificationId: id,
      userId,
      state: states[index] ?? "sent",
      createdAt,
    }));
    await db.insert(mailDeliveries).values(rows);
    ctx.clock.advance(30 * 86_400_000);
    await forgetDeliveries(db, ctx.clock.now());
    expect(await db.select().from(mailDeliveries)).toHaveLength(2);
    ctx.clock.advance(1);
    await forgetDeliveries(db, ctx.clock.now());
    expect((await db.select().from(mailDeliveries)).map(({ state }) => state)).toEqual(["queued"]);
    expect(await db.select().from(notifications)).toHaveLength(1);
  }));
