import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { emit, relayEvents, type StoredEvent } from "./outbox.ts";
import { events } from "./schema.ts";

async function emitMany(ctx: TestContext, count: number): Promise<void> {
  for (let event = 0; event < count; event++)
    await emit(ctx, ctx.db, { type: "node.changed", node_id: ctx.ids.next("node") });
}
/** A queue that remembers what it was given. */
function makeQueue() {
  const delivered: StoredEvent[] = [];
  const deliver = async (batch: StoredEvent[]) => void delivered.push(...batch);
  return { delivered, deliver, ids: () => delivered.map(({ id }) => id) };
}

test("a change and its event are one: when the change is taken back, so is the event", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const change = db.transaction(async (tx) => {
      await emit(ctx, tx, { type: "node.changed", node_id: ctx.ids.next("node") });
      throw new Error("refused");
    });
    await expect(change).rejects.toThrow("refused");
    expect(await outboxTypes(db)).toEqual([]);
  }));

test("events are relayed once, oldest first, as many at a time as asked for", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    await emitMany(ctx, 5);
    const queue = makeQueue();
    expect(await relayEvents(ctx, queue.deliver, 3)).toBe(3);
    expect(await relayEvents(ctx, queue.deliver, 3)).toBe(2);
    expect(await relayEvents(ctx, queue.deliver, 3)).toBe(0);
    expect(queue.ids()).toEqual((await db.select().from(events).orderBy(events.id)).map(({ id }) => id));
  }));

test("a crash between delivery and mark delivers the same events again, under the same ids", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    await emitMany(ctx, 3);
    const queue = makeQueue();
    const crashing = relayEvents(ctx, async (batch) => {
      await queue.deliver(batch);
      throw new Error("the hub dies here");
    });
    await expect(crashing).rejects.toThrow("the hub dies here");
    const first = queue.ids();
    await relayEvents(ctx, queue.deliver);
    expect(queue.ids()).toEqual([...first, ...first]);
    expect(await relayEvents(ctx, queue.deliver)).toBe(0);
  }));

test("several hubs that relay at once deliver each event once", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    await emitMany(ctx, 60);
    const queue = makeQueue();
    const slowly = async (batch: StoredEvent[]) => {
      await Bun.sleep(5);
      await queue.deliver(batch);
    };
    const hub = async () => {
      while ((await relayEvents(ctx, slowly, 7)) > 0) {
        // until nothing is left
      }
    };
    await Promise.all([hub(), hub(), hub()]);
    // A hub that finds all rows locked stops early: what its fellows' transactions held is theirs.
    expect(new Set(queue.ids()).size).toBe(queue.ids().length);
    expect(queue.ids()).toHaveLength(60);
  }));

test("an event of a newer hub waits for a newer hub, and holds up none that is known", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    await db
      .insert(events)
      .values({ id: "evt_0", type: "from.the.future", payload: {}, createdAt: ctx.clock.now() });
    await emitMany(ctx, 2);
    const queue = makeQueue();
    expect(await relayEvents(ctx, queue.deliver, 2)).toBe(2);
    expect(queue.ids()).not.toContain("evt_0");
    expect(await db.select().from(events).where(sql`relayed_at is null`)).toMatchObject([{ id: "evt_0" }]);
  }));

test("an event that can't be read is passed over, and holds up no other", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const payload = { node_id: "not an id" };
    await db
      .insert(events)
      .values({ id: "evt_0", type: "node.changed", payload, createdAt: ctx.clock.now() });
    await emitMany(ctx, 1);
    const queue = makeQueue();
    await relayEvents(ctx, queue.deliver);
    expect(queue.delivered).toHaveLength(1);
    expect(await relayEvents(ctx, queue.deliver)).toBe(0);
  }));
