import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { routeTable } from "./route-table.ts";
import { routesChanged } from "./routes-changed.ts";

test("every change makes the table's version one higher, and is told", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const id = ctx.ids.next("endpoint");
    for (const version of [1, 2, 3]) {
      await db.transaction((tx) => routesChanged(ctx, tx, id));
      expect((await routeTable(ctx)).version).toBe(version);
    }
    expect(await outboxTypes(db)).toEqual(["routes.changed", "routes.changed", "routes.changed"]);
  }));
