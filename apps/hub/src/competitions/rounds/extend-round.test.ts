import { expect, test } from "bun:test";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeCompetition } from "../../testing/factories.ts";
import { roundOf } from "../../testing/submissions.ts";
import { listChanges } from "../history/store.ts";
import { updateRound } from "../store.ts";
import { closeRound } from "./close-round.ts";
import { extendRound } from "./extend-round.ts";
import { pauseRound, resumeRound } from "./pause-round.ts";
import { runClock } from "./run-clock.ts";

const HOUR = 3_600_000;
const times = { closes_at: "2026-01-01T14:00:00Z" };

const extend = (ctx: TestContext, roundId: string, closesAt: string, reason?: string) =>
  ctx.db.transaction((tx) => extendRound(ctx, tx, { roundId, closesAt: new Date(closesAt), reason }));

test("a round that is extended closes at its new time, which is in the contest's history", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: times });
    const { id, competitionId } = await roundOf(ctx, name);
    await extend(ctx, id, "2026-01-01T15:00:00+01:00".replace("+01:00", "Z"), "a node was down");
    ctx.clock.advance(2 * HOUR);
    await runClock(ctx);
    expect((await roundOf(ctx, name)).state).toBe("open");
    ctx.clock.advance(HOUR);
    await runClock(ctx);
    expect((await roundOf(ctx, name)).state).toBe("closing");
    const [{ change } = { change: null }] = await listChanges(db, competitionId, 1, undefined);
    expect(change).toMatchObject({
      action: "extended",
      reason: "a node was down",
      details: { closes_at: { before: "2026-01-01T14:00:00.000Z", after: "2026-01-01T15:00:00.000Z" } },
    });
    expect(await outboxTypes(db)).toContain("round.changed");
  }));

test("a paused round is extended as it stands: the pause comes on top", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: times });
    const { id } = await roundOf(ctx, name);
    await db.transaction((tx) => pauseRound(ctx, tx, { roundId: id }));
    ctx.clock.advance(HOUR);
    await extend(ctx, id, "2026-01-01T20:00:00Z");
    await db.transaction((tx) => resumeRound(ctx, tx, { roundId: id }));
    expect((await roundOf(ctx, name)).closesAt).toEqual(new Date("2026-01-01T21:00:00Z"));
  }));

test("refused is a time that is not later, a round without a time, and one that has closed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: times });
    const { id } = await roundOf(ctx, name);
    for (const at of ["2026-01-01T14:00:00Z", "2026-01-01T13:59:59Z"])
      await expect(extend(ctx, id, at)).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining("is not later"),
      });
    // The hub was away, and the clock has not closed it yet.
    ctx.clock.advance(5 * HOUR);
    await expect(extend(ctx, id, "2026-01-01T16:00:00Z")).rejects.toMatchObject({
      message: expect.stringContaining("is over"),
    });
    const byHand = await makeCompetition(ctx);
    await expect(
      extend(ctx, (await roundOf(ctx, byHand.name)).id, "2027-01-01T00:00:00Z"),
    ).rejects.toMatchObject({
      message: expect.stringContaining("no closing time"),
    });
    await db.transaction((tx) => closeRound(ctx, tx, id));
    for (const state of ["closing", "closed"] as const) {
      await db.transaction((tx) => updateRound(tx, id, { state }));
      await expect(extend(ctx, id, "2027-01-01T00:00:00Z")).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(`is ${state}: what has closed is not opened again`),
      });
    }
  }));
