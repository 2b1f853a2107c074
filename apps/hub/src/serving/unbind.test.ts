import { expect, test } from "bun:test";
import { makeBound, makePlaced, makeReady } from "../testing/bound.ts";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { makeEndpoint, routesOf } from "../testing/serving.ts";
import { unbindModel } from "./unbind.ts";

test("a model that is taken off gets no more traffic, and goes on with the calls that it has; doing it again changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makeReady(ctx);

    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, binding.id));
    expect((await binding.reload()).state).toBe("draining");
    expect((await binding.serveSession()).state).toBe("running");
    expect((await routesOf(ctx, endpoint)).bindings).toEqual([]);

    const told = await outboxTypes(db);
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, binding.id));
    expect(await outboxTypes(db)).toEqual(told);
  }));

test("one that never answered is stopped at once", () =>
  withRollback(async (db) => {
    const { member, endpoint, binding } = await makeBound(systemContext(db));
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, binding.id));
    expect((await binding.reload()).state).toBe("stopped");
    expect((await binding.serveSession()).state).toBe("stopped");
  }));

test("a model whose session has ended already can be taken off", () =>
  withRollback(async (db) => {
    const { member, endpoint, binding } = await makePlaced(systemContext(db));
    await binding.says({ state: "ended", exit_code: 1, final_seq: 0 });
    await binding.moved();
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, binding.id));
    expect((await binding.reload()).state).toBe("stopped");
  }));

test("a binding of another endpoint is not found", () =>
  withRollback(async (db) => {
    const { member, binding } = await makeBound(systemContext(db));
    const other = await makeEndpoint(member);
    await expect(db.transaction((tx) => unbindModel(member, tx, other.id, binding.id))).rejects.toMatchObject(
      { code: "not_found" },
    );
    expect((await binding.reload()).state).toBe("starting");
  }));
