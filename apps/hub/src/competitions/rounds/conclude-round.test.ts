import { describe, expect, test } from "bun:test";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { submitFile } from "../../testing/submissions.ts";
import { listChanges } from "../history/store.ts";
import { findCompetition, findEntrant, findRound, listRounds, updateRound } from "../store.ts";
import { failSubmission } from "../submissions/fail.ts";
import { closeRound } from "./close-round.ts";
import { concludeRound } from "./conclude-round.ts";
import { runClock } from "./run-clock.ts";

/** A competition of two rounds with three entrants, whose first round is closing. */
async function makeClosing(
  ctx: TestContext,
  round: Record<string, unknown> = {},
  definition: Record<string, unknown> = {},
) {
  const { name } = await makeCompetition(ctx, {
    rounds: 2,
    round: { survivors: { top: 1 }, ...round },
    definition,
  });
  const found = await findCompetition(ctx.db, { name });
  const id = found?.competition.id ?? "";
  const [first, second] = await listRounds(ctx.db, id);
  const members = [await makeEntrant(ctx, name), await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
  const entrants = async () => {
    const rows = [];
    for (const { team } of members) rows.push(await findEntrant(ctx.db, id, team.id));
    return rows.flatMap((row) => (row ? [row] : []));
  };
  const ids = (await entrants()).map((entrant) => entrant.id);
  const close = () => ctx.db.transaction((tx) => closeRound(ctx, tx, first?.id ?? ""));
  const conclude = (survivors: string[]) =>
    ctx.db.transaction((tx) => concludeRound(ctx, tx, first?.id ?? "", async () => survivors));
  const rounds = async () => (await listRounds(ctx.db, id)).map(({ state }) => state);
  return { name, members, entrants, ids, close, conclude, rounds, first, second };
}

test("survivors enter the next round, which opens with its data for them; everybody else is out", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { close, conclude, entrants, ids, rounds } = await makeClosing(ctx);
    await close();
    expect(await conclude(ids.slice(0, 1))).toEqual({ advanced: ids.slice(0, 1) });
    expect(await rounds()).toEqual(["closed", "open"]);
    expect((await entrants()).map(({ state, round }) => [state, round])).toEqual([
      ["active", 2],
      ["eliminated", 1],
      ["eliminated", 1],
    ]);
  }));

test("where all survive, those without a score do too", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { close, conclude, entrants, ids } = await makeClosing(ctx, { survivors: { all: true } });
    await close();
    await conclude(ids.slice(0, 1));
    expect((await entrants()).map(({ state, round }) => [state, round])).toEqual(
      Array(3).fill(["active", 2]),
    );
  }));

describe("a round is not concluded", () => {
  test("before it closes, nor twice", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { close, conclude, ids, rounds } = await makeClosing(ctx);
      expect(await conclude(ids)).toBe(false);
      await close();
      expect(await conclude(ids)).toEqual({ advanced: ids });
      expect(await conclude([])).toBe(false);
      expect(await rounds()).toEqual(["closed", "open"]);
    }));

  test("while a submission of it is under way", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { close, conclude, ids, members, name, rounds } = await makeClosing(ctx);
      const [member] = members;
      if (!member) throw new Error("no entrant");
      const { id } = await submitFile(member, name);
      await close();
      expect(await conclude(ids)).toBe(false);
      expect(await rounds()).toEqual(["closing", "upcoming"]);
      await db.transaction((tx) => failSubmission(ctx, tx, id, { code: "x", message: "x", platform: true }));
      expect(await conclude(ids)).toEqual({ advanced: ids });
    }));
});

test("when deciding the survivors fails, nothing has changed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { close, entrants, rounds, first } = await makeClosing(ctx);
    await close();
    const broken = db.transaction((tx) =>
      concludeRound(ctx, tx, first?.id ?? "", async () => {
        throw new Error("no board");
      }),
    );
    await expect(broken).rejects.toThrow("no board");
    expect(await rounds()).toEqual(["closing", "upcoming"]);
    expect((await entrants()).every(({ state, round }) => state === "active" && round === 1)).toBe(true);
  }));

test("a next round with a later time waits for it, and so does its data", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { close, conclude, ids, rounds, second, entrants } = await makeClosing(ctx);
    const opensAt = new Date("2026-01-02T00:00:00Z");
    await db.transaction((tx) => updateRound(tx, second?.id ?? "", { opensAt }));
    await close();
    await conclude(ids);
    expect(await rounds()).toEqual(["closed", "upcoming"]);
    expect((await entrants()).map(({ round }) => round)).toEqual([2, 2, 2]);
    ctx.clock.advance(12 * 3_600_000);
    await runClock(ctx);
    expect(await rounds()).toEqual(["closed", "open"]);
  }));

test("where the organizer advances by hand, the round ends and nobody goes on, whatever time the next one has", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const definition = { advance: "by_hand", leaderboard: { reveal: "by_hand" } };
    const { close, conclude, ids, rounds, second, entrants, first } = await makeClosing(ctx, {}, definition);
    await db.transaction((tx) => updateRound(tx, second?.id ?? "", { opensAt: ctx.clock.now() }));
    await close();
    expect(await conclude(ids)).toEqual({ advanced: null });
    await runClock(ctx);
    expect(await rounds()).toEqual(["closed", "upcoming"]);
    expect((await entrants()).every(({ state, round }) => state === "active" && round === 1)).toBe(true);
    expect(await findRound(db, { id: first?.id ?? "" })).toMatchObject({
      advancedAt: null,
      revealedAt: null,
    });
  }));

test("its end is in the contest's history", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { close, conclude, ids, first } = await makeClosing(ctx);
    await close();
    await conclude(ids.slice(0, 2));
    const [change] = await listChanges(db, first?.competitionId ?? "", 1, undefined);
    expect(change?.change).toMatchObject({
      action: "concluded",
      roundId: first?.id,
      details: { survivors: 2, advanced: true, revealed: true },
    });
  }));

test("concluded by several at the same moment, it is concluded once", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { close, conclude, ids, entrants } = await makeClosing(ctx);
    await close();
    const done = await Promise.all(Array.from({ length: 5 }, () => conclude(ids.slice(0, 2))));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect((await entrants()).filter(({ state }) => state === "active")).toHaveLength(2);
  }));
