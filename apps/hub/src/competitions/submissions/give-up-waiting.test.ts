import { expect, test } from "bun:test";
import { as, systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  creditOf,
  loseNodes,
  makeCompetition,
  makeEntrant,
  makeNode,
  place,
  reload,
  report,
} from "../../testing/factories.ts";
import { giveSample, reloadSubmission, submitCheckpoint, submitCode } from "../../testing/submissions.ts";
import { closeRound } from "../rounds/close-round.ts";
import { countUnderWay } from "../store.ts";
import { giveUpWaiting } from "./give-up-waiting.ts";
import { startInference } from "./infer.ts";

const HOUR = 3_600_000;

test("a submission whose node never returns fails after a day: it says why, costs nothing, and its round can close", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const waiting = await submitCheckpoint(entrant, name);
    await startInference(ctx, waiting.id);
    const infer = { id: (await reloadSubmission(ctx, waiting)).inferSessionId ?? "" };
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, infer, { state: "running" });
    await loseNodes(ctx);
    expect((await reload(ctx, infer)).state).toBe("queued");
    await db.transaction((tx) => closeRound(ctx, tx, waiting.roundId));

    ctx.clock.advance(23 * HOUR);
    await giveUpWaiting(ctx);
    expect(await reloadSubmission(ctx, waiting)).toMatchObject({ state: "inferring" });
    ctx.clock.advance(HOUR);
    for (let turn = 0; turn < 2; turn++) await giveUpWaiting(ctx);
    expect(await reloadSubmission(ctx, waiting)).toMatchObject({
      state: "failed",
      failure: { code: "no_node", message: expect.stringMatching(/24 hours \(.*\)\. It cost you nothing/) },
      refunded: true,
      platformFault: true,
    });
    expect(await reload(ctx, infer)).toMatchObject({
      state: "stopped",
      stopReason: "no node took it in time",
    });
    expect(await creditOf(entrant)).toEqual({ available: 100, held: 0, spent: 0 });
    expect(await countUnderWay(db, waiting.roundId)).toBe(0);
  }));

test("code and trial runs that no node takes are given up in the same way", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, { round: { accepts: ["code", "checkpoint"] } });
    await giveSample(organizer, name);
    const entrant = await makeEntrant(ctx, name);
    const all = [await submitCode(entrant, name), await submitCheckpoint(entrant, name, {}, { trial: true })];
    for (const { id } of all) await startInference(ctx, id);
    ctx.clock.advance(24 * HOUR + 1);
    await giveUpWaiting(ctx);
    for (const each of all)
      expect(await reloadSubmission(ctx, each)).toMatchObject({
        state: "failed",
        failure: { code: "no_node" },
        refunded: true,
      });
  }));

test("one that runs when the day is over goes on, and is given up when it would have to wait again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitCheckpoint(entrant, name);
    await startInference(as(ctx, { kind: "system" }), submission.id);
    const infer = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
    ctx.clock.advance(24 * HOUR - 1);
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, infer, { state: "running" });
    ctx.clock.advance(1000);
    await giveUpWaiting(ctx);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({ state: "inferring" });
    expect((await reload(ctx, infer)).state).toBe("running");

    await loseNodes(ctx);
    await giveUpWaiting(ctx);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({ state: "failed", refunded: true });
  }));

test("one whose node never ends it is given up after its time limit and an hour more, at no cost", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { infer_timeout: "1h" } } });
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitCheckpoint(entrant, name);
    await startInference(as(ctx, { kind: "system" }), submission.id);
    const infer = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, infer, { state: "running" });
    ctx.clock.advance(26 * HOUR - 1000);
    await giveUpWaiting(ctx);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({ state: "inferring" });
    ctx.clock.advance(2000);
    for (let turn = 0; turn < 2; turn++) await giveUpWaiting(ctx);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "platform_error", message: expect.stringContaining("cost you nothing") },
      refunded: true,
    });
    expect((await reload(ctx, infer)).state).toBe("stopping");
  }));
