import { expect, test } from "bun:test";
import type { PodiumEvent } from "@podium/shared";
import pino from "pino";
import { systemContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import { openDatabase } from "./database.ts";
import { type Live, listenLive } from "./live.ts";
import { EVENT_CHANNEL, emit } from "./outbox.ts";

async function withLive(url: string, test: (live: Live) => Promise<void>) {
  const live = await listenLive(url, systemContext(null as never).log);
  try {
    await test(live);
  } finally {
    await live.close();
  }
}
/** The next event that is heard. */
const next = (live: Live) =>
  new Promise<PodiumEvent>((resolve) => {
    const unsubscribe = live.subscribe((event) => {
      unsubscribe();
      resolve(event);
    });
  });

test("an event is heard when its transaction commits; one that is rolled back never is", () =>
  withDatabase(async ({ db }, url) =>
    withLive(url, async (live) => {
      const ctx = systemContext(db);
      const [lost, kept] = [ctx.ids.next("node"), ctx.ids.next("node")];
      const heard = next(live);
      await db
        .transaction(async (tx) => {
          await emit(ctx, tx, { type: "node.changed", node_id: lost });
          throw new Error("rolled back");
        })
        .catch(() => undefined);
      await db.transaction((tx) => emit(ctx, tx, { type: "node.changed", node_id: kept }));
      expect(await heard).toEqual({ type: "node.changed", node_id: kept });
    }),
  ));

test("a listener that fails, and words that are no events, keep nobody from hearing", () =>
  withDatabase(async ({ db, sql }, url) =>
    withLive(url, async (live) => {
      const ctx = systemContext(db);
      live.subscribe(() => {
        throw new Error("a bug");
      });
      const heard = next(live);
      for (const words of ["", "no json", "null", "{}", '{"event":{"type":"from.the.future"}}'])
        await sql`select pg_notify(${EVENT_CHANNEL}, ${words})`;
      await emit(ctx, db, { type: "node.changed", node_id: ctx.ids.next("node") });
      expect((await heard).type).toBe("node.changed");
    }),
  ));

test("after the connection broke, events are heard again", () =>
  withDatabase(async ({ db, sql }, url) =>
    withLive(url, async (live) => {
      const ctx = systemContext(db);
      const heard = next(live);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'podium-live' and datname = current_database()`;
      let received = false;
      void heard.then(() => {
        received = true;
      });
      while (!received) {
        await emit(ctx, db, { type: "node.changed", node_id: ctx.ids.next("node") });
        await Bun.sleep(20);
      }
      expect((await heard).type).toBe("node.changed");
    }),
  ));

test("while the database stays away, it is asked now and then, and the log says it once", () =>
  withDatabase(async ({ db }, url) => {
    const lines: string[] = [];
    const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
    const said = (words: string) => lines.filter((line) => line.includes(words)).length;
    const live = await listenLive(url, log);
    // A database can't be closed from within.
    const outside = openDatabase(new URL("/postgres", url).href, { max: 1 });
    const name = new URL(url).pathname.slice(1);
    const admit = (yes: boolean) =>
      outside.sql.unsafe(`alter database "${name}" with allow_connections ${yes}`);
    try {
      await admit(false);
      await outside.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'podium-live' and datname = ${name}`;
      while (said("can't be listened to yet") === 0) await Bun.sleep(20);
      await Bun.sleep(300);
      // One attempt a second: a loop without pauses would have made hundreds.
      expect(said("can't be listened to yet")).toBeLessThan(3);
      expect(said("connecting again")).toBe(1);

      await admit(true);
      const heard = next(live);
      while (said("heard again") === 0) await Bun.sleep(20);
      const ctx = systemContext(db);
      await emit(ctx, db, { type: "node.changed", node_id: ctx.ids.next("node") });
      expect((await heard).type).toBe("node.changed");
    } finally {
      await admit(true);
      await outside.close();
      await live.close();
    }
  }));
