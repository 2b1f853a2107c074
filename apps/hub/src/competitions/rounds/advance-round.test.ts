import { expect, test } from "bun:test";
import { makeScored } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { listChanges } from "../history/store.ts";
import { findEntrant, findRound, listRounds } from "../store.ts";
import { advanceRound } from "./advance-round.ts";

const BY_HAND = { rounds: 2, definition: { advance: "by_hand" } };

test("survivors enter the next round together, it opens, and the history says why", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2], { ...BY_HAND, round: { survivors: { top: 1 } } });
    await contest.close();
    const entrants = await Promise.all(
      contest.members.map(({ team }) => findEntrant(db, contest.competitionId, team.id)),
    );
    const decideSurvivors = async () => [entrants[0]?.id ?? ""];
    await db.transaction((tx) =>
      advanceRound(ctx, tx, contest.roundId, { reason: "checked", decideSurvivors }),
    );
    const states = [];
    for (const { team } of contest.members) {
      const entrant = await findEntrant(db, contest.competitionId, team.id);
      states.push([entrant?.state, entrant?.round]);
    }
    expect(states).toEqual([
      ["active", 2],
      ["eliminated", 1],
    ]);
    expect((await listRounds(db, contest.competitionId)).map(({ state }) => state)).toEqual([
      "closed",
      "open",
    ]);
    const [newest] = await listChanges(db, contest.competitionId, 1, undefined);
    expect(newest?.change).toMatchObject({
      action: "advanced",
      reason: "checked",
      details: { survivors: 1 },
    });
  }));

test("nobody advances from a round that is not closed, nor twice", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1], BY_HAND);
    const go = () =>
      db.transaction((tx) => advanceRound(ctx, tx, contest.roundId, { decideSurvivors: async () => [] }));
    await expect(go()).rejects.toMatchObject({ code: "conflict" });
    await contest.close();
    await go();
    await expect(go()).rejects.toThrow("have advanced already");
  }));

test("of several who advance it at once one does, and when deciding fails nothing has changed", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2], BY_HAND);
    await contest.close();
    const broken = db.transaction((tx) =>
      advanceRound(ctx, tx, contest.roundId, {
        decideSurvivors: () => Promise.reject(new Error("no board")),
      }),
    );
    await expect(broken).rejects.toThrow("no board");
    expect((await findRound(db, { id: contest.roundId }))?.advancedAt).toBeNull();
    const all = Array.from({ length: 5 }, () =>
      db
        .transaction((tx) => advanceRound(ctx, tx, contest.roundId, { decideSurvivors: async () => [] }))
        .then(
          () => 1,
          () => 0,
        ),
    );
    expect((await Promise.all(all)).reduce((a: number, b) => a + b, 0)).toBe(1);
  }));
