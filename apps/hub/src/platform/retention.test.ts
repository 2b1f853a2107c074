import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { sweepOld } from "./retention.ts";
import { events, idempotencyKeys } from "./schema.ts";

const DAY_MS = 86_400_000;

test("old relayed events and old keys go; recent ones stay, and so does whatever has not been relayed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const at = (days: number) => new Date(ctx.clock.now().getTime() - days * DAY_MS);
    const event = { type: "node.changed", payload: {} };
    await db.insert(events).values([
      { id: "old", ...event, createdAt: at(99), relayedAt: at(31) },
      { id: "recent", ...event, createdAt: at(99), relayedAt: at(29) },
      { id: "waiting", ...event, createdAt: at(99), relayedAt: null },
    ]);
    const key = { actor: "usr_ann", fingerprint: "" };
    await db.insert(idempotencyKeys).values([
      { ...key, key: "old", createdAt: at(8) },
      { ...key, key: "recent", createdAt: at(6) },
    ]);

    expect(await sweepOld(ctx)).toMatchObject({ events: 1, keys: 1 });

    expect((await db.select().from(events).orderBy(events.id)).map(({ id }) => id)).toEqual([
      "recent",
      "waiting",
    ]);
    expect(await db.select().from(idempotencyKeys)).toMatchObject([{ key: "recent" }]);
    expect(await sweepOld(ctx)).toMatchObject({ events: 0, keys: 0 });
  }));
