import { expect, test } from "bun:test";
import { stopSession } from "../../sessions/index.ts";
import { apiOf } from "../../testing/api.ts";
import { makeBatchWorld, makeRunningBatch, reloadBatch } from "../../testing/batches.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import { ENDED, finishWithOutput, reload, report } from "../../testing/factories.ts";
import { finishBatchInference } from "./finish-batch-inference.ts";

const OUTPUT = { "a.csv.predictions.jsonl": "1\n" };

async function makeRunning(ctx: TestContext) {
  const { member, endpoint } = await makeBatchWorld(ctx);
  const batch = await makeRunningBatch(member, endpoint);
  const system = as(ctx, { kind: "system" });
  const finish = () => finishBatchInference(system, batch.session.id);
  const versions = async () =>
    (await apiOf(member).ask("GET", `/datasets/${member.team.slug}/scores/versions`)).json().items;
  return { member, endpoint, batch, finish, versions };
}

test("what was predicted becomes one version, however often the event comes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, batch, finish, versions } = await makeRunning(ctx);
    await finish();
    expect((await reloadBatch(ctx, batch.id)).state).toBe("running");
    await finishWithOutput(ctx, batch.session, OUTPUT);
    await finish();
    await finish();
    const { state, outputVersion, endedAt } = await reloadBatch(ctx, batch.id);
    expect([state, outputVersion, endedAt]).toEqual(["done", 1, ctx.clock.now()]);
    const { outputTree } = await reload(ctx, batch.session);
    expect(await versions()).toMatchObject([
      { number: 1, tree_id: outputTree, note: `${endpoint.name} version 1 over ${member.team.slug}/rows@2` },
    ]);
    expect((await outboxTypes(db)).filter((type) => type === "batch_inference.ended")).toHaveLength(1);
  }));

test("two hubs that hear of the end at once make one version, by who asked for it", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { member, batch, finish, versions } = await makeRunning(ctx);
    await finishWithOutput(ctx, batch.session, OUTPUT);
    await Promise.all([finish(), finish(), finish()]);
    const { author } = (await apiOf(member).ask("GET", `/datasets/${member.team.slug}/rows`)).json();
    expect(author).toBeString();
    expect(await versions()).toMatchObject([{ number: 1, author }]);
    expect((await outboxTypes(db)).filter((type) => type === "batch_inference.ended")).toHaveLength(1);
  }));

test("one whose session fails or is stopped has failed with the reason, and makes no version", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, batch, finish, versions } = await makeRunning(ctx);
    const failure = {
      code: "user_error",
      message: "KeyError: 'x'",
      location: null,
      hint: "Name it.",
    } as const;
    await report(ctx, batch.session, { ...ENDED, exit_code: 1, failure });
    await finish();
    expect(await reloadBatch(ctx, batch.id)).toMatchObject({
      state: "failed",
      failure: "KeyError: 'x' Name it.",
    });
    const stopped = await makeRunningBatch(member, endpoint);
    await db.transaction((tx) => stopSession(member, tx, stopped.session.id, "by ann"));
    await report(ctx, stopped.session, { ...ENDED, exit_code: 143 });
    await finishBatchInference(ctx, stopped.session.id);
    expect(await reloadBatch(ctx, stopped.id)).toMatchObject({
      state: "failed",
      failure: expect.stringContaining("was stopped"),
    });
    expect(await versions()).toEqual([]);
  }));

test("an output that was removed meanwhile fails it, with where the predictions are", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, batch, finish } = await makeRunning(ctx);
    await finishWithOutput(ctx, batch.session, OUTPUT);
    const removed = await apiOf(member).ask("DELETE", `/datasets/${member.team.slug}/scores`);
    expect(removed.status).toBe(204);
    await finish();
    expect(await reloadBatch(ctx, batch.id)).toMatchObject({
      state: "failed",
      outputVersion: null,
      failure: expect.stringContaining("There is no such dataset. They are the output of"),
    });
  }));

test("what a runner of before wrote, which knows one table alone, becomes no version", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { batch, finish, versions } = await makeRunning(ctx);
    await finishWithOutput(ctx, batch.session, { "predictions.jsonl": '{"id": 1, "prediction": 1}\n' });
    await finish();
    expect(await reloadBatch(ctx, batch.id)).toMatchObject({
      state: "failed",
      outputVersion: null,
      failure: expect.stringContaining("update it"),
    });
    expect(await versions()).toEqual([]);
  }));
