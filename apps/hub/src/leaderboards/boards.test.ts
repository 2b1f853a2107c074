import { expect, test } from "bun:test";
import { makeScored, setEntrant, setRound } from "../testing/boards.ts";
import { systemContext } from "../testing/context.ts";
import { counted, withRollback } from "../testing/database.ts";
import { score, submitFile } from "../testing/submissions.ts";
import { Boards } from "./boards.ts";
import { readBoard } from "./read.ts";
import { updateStanding } from "./update.ts";

test("a copy costs one look at its version; it takes in what has changed, and forgets who has left", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3]);
    const boards = new Boards();
    const { db: watched, asked } = counted(db);
    const viewer = { ...contest.organizer, db: watched };
    const read = async () => {
      const before = asked();
      const { rows } = await readBoard(viewer, boards, contest.name, "round-1", { limit: 10 });
      return { places: contest.places(rows), asked: asked() - before };
    };
    expect((await read()).places).toEqual([0, 1, 2]);
    // The version is asked for by a statement that was prepared at the first read.
    expect(await read()).toEqual({ places: [0, 1, 2], asked: 0 });
    const [first, , third] = contest.members;
    if (!first || !third) throw new Error("no players");
    ctx.clock.advance(1000);
    const better = await submitFile(third, contest.name);
    await score(ctx, better, 0);
    await updateStanding(ctx, better.id);
    expect(await read()).toEqual({ places: [2, 0, 1], asked: 1 });
    await setEntrant(ctx, contest.name, first, "banned");
    expect((await read()).places).toEqual([2, 1]);
  }));

test("what is changed of the round itself is seen at the next read", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1]);
    const boards = new Boards();
    const head = async () => (await boards.head(db, contest.name, "round-1"))?.round.closesAt ?? null;
    expect(await head()).toBeNull();
    const closesAt = new Date("2026-02-01T00:00:00Z");
    await setRound(ctx, contest.roundId, { closesAt });
    expect(await head()).toEqual(closesAt);
    await setRound(ctx, contest.roundId, { closesAt: null });
    expect(await head()).toBeNull();
    expect(await boards.head(db, contest.name, "round-9")).toBeNull();
  }));
