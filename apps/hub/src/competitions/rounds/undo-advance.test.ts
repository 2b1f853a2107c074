import { expect, test } from "bun:test";
import { makeScored, setRound } from "../../testing/boards.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { listChanges } from "../history/store.ts";
import { findEntrant, listRounds } from "../store.ts";
import { runClock } from "./run-clock.ts";
import { undoAdvance } from "./undo-advance.ts";

/** A contest whose first round has ended; the next opens at this time, or at once. */
async function makeEnded(ctx: TestContext, opensAt: Date | null) {
  const contest = await makeScored(ctx, [1, 2, 3], { rounds: 3, round: { survivors: { top: 1 } } });
  const [, next] = await listRounds(ctx.db, contest.competitionId);
  await setRound(ctx, next?.id ?? "", { opensAt });
  await contest.close();
  const entrants = async () => {
    const states = [];
    for (const { team } of contest.members) {
      const entrant = await findEntrant(ctx.db, contest.competitionId, team.id);
      states.push([entrant?.state, entrant?.round]);
    }
    return states;
  };
  const undo = () =>
    ctx.db.transaction((tx) => undoAdvance(ctx, tx, contest.roundId, { reason: "too early" }));
  return { ...contest, entrants, undo };
}

test("before the next round opens, everybody is back where they were, and its time opens nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeEnded(ctx, new Date("2026-01-02T00:00:00Z"));
    expect((await contest.entrants()).map(([state]) => state)).toEqual([
      "active",
      "eliminated",
      "eliminated",
    ]);
    await contest.undo();
    expect(await contest.entrants()).toEqual(Array(3).fill(["active", 1]));
    ctx.clock.advance(24 * 3_600_000);
    await runClock(ctx);
    expect((await listRounds(db, contest.competitionId)).map(({ state }) => state)).toEqual([
      "closed",
      "upcoming",
      "upcoming",
    ]);
    const [newest] = await listChanges(db, contest.competitionId, 1, undefined);
    expect(newest?.change).toMatchObject({ action: "advance undone", reason: "too early" });
    await expect(contest.undo()).rejects.toThrow("nothing to undo");
  }));

test("once the next round has opened it is too late, and the refusal says what to do another time", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeEnded(ctx, null);
    await expect(contest.undo()).rejects.toThrow("advance: by_hand");
    expect((await contest.entrants())[0]).toEqual(["active", 2]);
  }));
