import { expect, test } from "bun:test";
import { mayReadTree } from "../../data/index.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { advanceEntrants, findCompetition, findEntrant, findRound, listRounds } from "../store.ts";
import { openRound } from "./open-round.ts";

test("a round opens once, and its data is granted to exactly those who have reached it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const opens_at = "2026-02-01T00:00:00Z";
    const { name, trees } = await makeCompetition(ctx, { rounds: 2, round: { opens_at } });
    const [survivor, loser] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const found = await findCompetition(db, { name });
    const [, second] = await listRounds(db, found?.competition.id ?? "");
    if (!second) throw new Error("no round 2");
    const entrant = await findEntrant(db, found?.competition.id ?? "", survivor.team.id);
    await db.transaction((tx) => advanceEntrants(tx, found?.competition.id ?? "", 2, [entrant?.id ?? ""]));

    await db.transaction((tx) => openRound(ctx, tx, second));
    const opened = await findRound(db, { id: second.id });
    expect(opened).toMatchObject({ state: "open", openedAt: ctx.clock.now() });
    expect(await mayReadTree(db, trees.train, [survivor.team.id])).toBe(true);
    expect(await mayReadTree(db, trees.train, [loser.team.id])).toBe(false);

    ctx.clock.advance(1000);
    await db.transaction((tx) => openRound(ctx, tx, second));
    expect((await findRound(db, { id: second.id }))?.openedAt).toEqual(opened?.openedAt ?? null);
    expect((await outboxTypes(db)).filter((type) => type === "round.opened")).toHaveLength(1);
  }));
