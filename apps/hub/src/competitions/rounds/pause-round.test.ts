import { expect, test } from "bun:test";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { reloadSubmission, roundOf, score, submitFile } from "../../testing/submissions.ts";
import { listChanges } from "../history/store.ts";
import { closeRound } from "./close-round.ts";
import { pauseRound, resumeRound } from "./pause-round.ts";
import { runClock } from "./run-clock.ts";

const HOUR = 3_600_000;
const times = { closes_at: "2026-01-01T14:00:00Z" };

const pause = (ctx: TestContext, roundId: string, reason?: string) =>
  ctx.db.transaction((tx) => pauseRound(ctx, tx, { roundId, reason }));
const resume = (ctx: TestContext, roundId: string) =>
  ctx.db.transaction((tx) => resumeRound(ctx, tx, { roundId }));

test("while a round is paused nothing is accepted, what was accepted goes on, and its closing time can't come", () =>
  withRollback(async (db) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const { name } = await makeCompetition(ctx, { round: times });
    const entrant = await makeEntrant(ctx, name);
    const { id } = await roundOf(ctx, name);
    const before = await submitFile(entrant, name);
    ctx.clock.advance(HOUR);
    await pause(ctx, id);
    await expect(submitFile(entrant, name)).rejects.toMatchObject({
      code: "round_not_open",
      message: expect.stringContaining("is paused by its organizer since 2026-01-01T13:00:00.000Z"),
    });
    await score(ctx, before, 1);
    expect((await reloadSubmission(ctx, before)).state).toBe("scored");
    ctx.clock.advance(48 * HOUR);
    await runClock(ctx);
    expect((await roundOf(ctx, name)).state).toBe("open");

    await resume(ctx, id);
    expect(await roundOf(ctx, name)).toMatchObject({
      pausedAt: null,
      closesAt: new Date("2026-01-03T14:00:00Z"),
    });
    expect((await submitFile(entrant, name)).number).toBe(2);
    ctx.clock.advance(HOUR);
    for (let turn = 0; turn < 2; turn++) await runClock(ctx);
    expect((await roundOf(ctx, name)).state).toBe("closing");
    const types = await outboxTypes(db);
    expect(types.filter((type) => type.startsWith("round."))).toEqual([
      "round.opened",
      "round.changed",
      "round.changed",
      "round.closing",
    ]);
  }));

test("who paused it, why, and what became of its closing time is in the contest's history", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, { round: times });
    const { id, competitionId } = await roundOf(ctx, name);
    await pause(organizer, id, "the labels have a mistake");
    ctx.clock.advance(90_000);
    await resume(organizer, id);
    const changes = await listChanges(db, competitionId, 10, undefined);
    expect(changes.map(({ change }) => change).reverse()).toMatchObject([
      { action: "paused", reason: "the labels have a mistake", roundId: id },
      {
        action: "resumed",
        actorId: organizer.actor.kind === "user" ? organizer.actor.userId : "",
        details: {
          paused_seconds: 90,
          closes_at: { before: "2026-01-01T14:00:00.000Z", after: "2026-01-01T14:01:30.000Z" },
        },
      },
    ]);
  }));

test("a round that has no closing time has none after a pause", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const { id } = await roundOf(ctx, name);
    await pause(ctx, id);
    ctx.clock.advance(HOUR);
    await resume(ctx, id);
    expect((await roundOf(ctx, name)).closesAt).toBeNull();
  }));

test("refused is to pause twice, to resume what is not paused, and either when the round is not open", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: times });
    const { id } = await roundOf(ctx, name);
    await expect(resume(ctx, id)).rejects.toMatchObject({ code: "conflict" });
    await pause(ctx, id);
    await expect(pause(ctx, id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("paused already"),
    });
    await db.transaction((tx) => closeRound(ctx, tx, id));
    expect((await roundOf(ctx, name)).pausedAt).toBeNull();
    for (const call of [pause(ctx, id), resume(ctx, id)])
      await expect(call).rejects.toMatchObject({ message: expect.stringContaining("is closing") });
    const soon = await makeCompetition(ctx, { round: { opens_at: "2026-02-01T00:00:00Z" } });
    await expect(pause(ctx, (await roundOf(ctx, soon.name)).id)).rejects.toMatchObject({
      message: expect.stringContaining("is upcoming"),
    });
  }));

test("once its closing time has come a round is not paused any more, nor is anything accepted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: times });
    const entrant = await makeEntrant(ctx, name);
    ctx.clock.advance(2 * HOUR);
    await expect(pause(ctx, (await roundOf(ctx, name)).id)).rejects.toMatchObject({ code: "conflict" });
    await expect(submitFile(entrant, name)).rejects.toMatchObject({
      code: "round_not_open",
      message: expect.stringContaining("is closing"),
    });
  }));

test("paused by several at once, a round is paused once", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: times });
    const { id, competitionId } = await roundOf(ctx, name);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => pause(ctx, id)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await listChanges(db, competitionId, 10, undefined)).toHaveLength(1);
  }));
