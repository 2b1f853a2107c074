import { expect, test } from "bun:test";
import { stopSession } from "../sessions/index.ts";
import { makePlaced, makeReady } from "../testing/bound.ts";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { ENDED, makeNode, reportOf } from "../testing/factories.ts";
import { routesOf, SIGNATURE } from "../testing/serving.ts";
import { replicaReported } from "./follow-replica.ts";
import { unbindModel } from "./unbind.ts";

const raised = {
  code: "user_error",
  message: "It raised KeyError.",
  location: "main.py:3",
  hint: null,
} as const;

test("a model gets its traffic once its replica has loaded it, and what it takes and gives is known", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, binding } = await makeReady(ctx, { weight: 5 });
    expect((await binding.reload()).state).toBe("ready");
    expect((await routesOf(ctx, endpoint)).bindings).toMatchObject([{ weight: 5, signature: SIGNATURE }]);
    const told = async () => (await outboxTypes(db)).filter((type) => type === "routes.changed").length;
    const before = await told();
    await binding.loaded();
    expect(await told()).toBe(before);
  }));

test("a replica that is still loading, or has no signature, is not ready", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { binding } = await makePlaced(ctx);
    await binding.says({ state: "running", replica: { ready: false, signature: SIGNATURE } });
    await binding.says({ state: "running", replica: { ready: true, signature: null } });
    expect((await binding.reload()).state).toBe("starting");
  }));

test("a model whose node is lost starts again elsewhere; the lost replica's word counts no more", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, binding } = await makeReady(ctx, { weight: 5 });
    const lost = await binding.serveSession();
    const [before] = (await routesOf(ctx, endpoint)).bindings;
    await binding.loseNode();
    expect((await binding.reload()).state).toBe("starting");
    expect((await routesOf(ctx, endpoint)).bindings).toMatchObject([{ weight: 0, replica_sha256: [] }]);

    await replicaReported(ctx, reportOf(ctx, lost, { replica: { ready: true, signature: SIGNATURE } }));
    expect((await binding.reload()).state).toBe("starting");

    await makeNode(ctx);
    await binding.place();
    await binding.loaded();
    const [after] = (await routesOf(ctx, endpoint)).bindings;
    expect(after?.weight).toBe(5);
    expect(after?.replica_sha256).toHaveLength(1);
    expect(after?.replica_sha256).not.toEqual(before?.replica_sha256);
  }));

test("a model whose process ends before it was ever loaded has failed, with the user's error and what to do", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, binding } = await makePlaced(ctx);
    const last = await binding.serveSession();
    await binding.says({ ...ENDED, exit_code: 1, failure: { ...raised, hint: "Save the key, too." } });
    await binding.moved();
    const failure = "It raised KeyError. Save the key, too.";
    expect(await binding.reload()).toMatchObject({ state: "failed", failure });
    expect((await routesOf(ctx, endpoint)).bindings).toEqual([]);

    await replicaReported(ctx, reportOf(ctx, last, { replica: { ready: true, signature: SIGNATURE } }));
    expect((await binding.reload()).state).toBe("failed");
  }));

test("a model that has served and whose process ends waits for another one, and says why", () =>
  withRollback(async (db) => {
    for (const [ending, failure] of [
      [{ ...ENDED, exit_code: 1, failure: raised }, "It raised KeyError."],
      [ENDED, "The model's process has ended."],
    ] as const) {
      const ctx = systemContext(db);
      const { endpoint, binding } = await makeReady(ctx);
      await binding.says(ending);
      await binding.moved();
      expect(await binding.reload()).toMatchObject({ state: "starting", failure });
      expect((await routesOf(ctx, endpoint)).bindings).toMatchObject([{ weight: 0, replica_sha256: [] }]);
    }
  }));

test("a model whose session its team has stopped is stopped, one without credit has failed and says so", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const [reason, state, failure] of [
      ["asked", "stopped", null],
      ["credits_exhausted", "failed", expect.stringContaining("credit was used up")],
    ] as const) {
      const { member, binding } = await makeReady(ctx, {}, 0);
      await db.transaction((tx) => stopSession(member, tx, binding.session.id, reason));
      await binding.says(ENDED);
      await binding.moved();
      expect(await binding.reload()).toMatchObject({ state, failure });
    }
  }));

test("late news of its session don't bring back a model that was taken off", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, binding } = await makeReady(ctx);
    await db.transaction((tx) => unbindModel(member, tx, endpoint.id, binding.id));
    await binding.moved();
    await binding.loaded();
    await binding.loseNode();
    expect((await binding.reload()).state).toBe("stopped");
  }));
