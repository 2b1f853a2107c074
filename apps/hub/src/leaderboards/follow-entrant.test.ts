import { expect, test } from "bun:test";
import { boardFor, makeScored, setEntrant } from "../testing/boards.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { followEntrant } from "./follow-entrant.ts";

test("who is banned leaves the board and the ranks close up; let in again, everything is as it was", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 2, 4]);
    const [first] = contest.members;
    if (!first) throw new Error("no player");
    const board = async () => (await boardFor(contest.organizer, contest.name)).rows;
    const before = await board();
    await setEntrant(ctx, contest.name, first, "banned");
    expect((await board()).map(({ rank }) => rank)).toEqual([1, 1, 3]);
    expect(contest.places(await board())).toEqual([1, 2, 3]);
    expect((await boardFor(first, contest.name)).own).toEqual([]);
    await setEntrant(ctx, contest.name, first, "active");
    expect(await board()).toEqual(before);
    await followEntrant(ctx, "ent_of_nobody");
  }));

test("of a last round that is over, the next in line survives in the place of who is banned", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3], { round: { survivors: { top: 1 } } });
    const [first] = contest.members;
    if (!first) throw new Error("no player");
    await contest.close();
    await setEntrant(ctx, contest.name, first, "banned");
    const { rows } = await boardFor(contest.organizer, contest.name);
    expect(rows.map(({ survives }) => survives)).toEqual([true, false]);
  }));
