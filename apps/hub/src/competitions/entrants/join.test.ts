import { describe, expect, test } from "bun:test";
import { mayReadTree } from "../../data/index.ts";
import { as, systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember } from "../../testing/factories.ts";
import { closeRound } from "../rounds/close-round.ts";
import { openRound } from "../rounds/open-round.ts";
import { findCompetition, listRounds } from "../store.ts";
import { joinCompetition } from "./join.ts";
import { listShownEntrants } from "./store.ts";

async function roundsOf(ctx: Parameters<typeof as>[0], name: string) {
  const found = await findCompetition(ctx.db, { name });
  return listRounds(ctx.db, found?.competition.id ?? "");
}

test("who joins takes part in round 1, and may read its data if it is open", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, trees } = await makeCompetition(ctx);
    const member = await makeMember(ctx);
    expect(await mayReadTree(db, trees.train, [member.team.id])).toBe(false);
    const { entrant, team } = await db.transaction((tx) => joinCompetition(member, tx, { name }));
    expect(entrant).toMatchObject({ round: 1, state: "active", teamId: team.id });
    expect(await mayReadTree(db, trees.train, [member.team.id])).toBe(true);
  }));

test("joining twice is joining once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const member = await makeEntrant(ctx, name);
    const again = await db.transaction((tx) => joinCompetition(member, tx, { name }));
    const found = await findCompetition(db, { name });
    const competitionId = found?.competition.id ?? "";
    expect(await listShownEntrants(db, { competitionId, limit: 10 })).toHaveLength(1);
    expect(again.team.slug).toBe(member.team.slug);
  }));

describe("refused is", () => {
  test("a competition that is not there, a foreign team, and nobody", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx);
      const [member, other] = [await makeMember(ctx), await makeMember(ctx)];
      const join = (who: typeof ctx, input: { name: string; team?: string }) =>
        db.transaction((tx) => joinCompetition(who, tx, input));
      await expect(join(member, { name: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
      await expect(join(member, { name, team: other.team.slug })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(join(as(ctx, { kind: "anonymous" }), { name })).rejects.toMatchObject({
        code: "unauthenticated",
      });
    }));

  test("who comes after round 1; who is in stays in", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, { rounds: 2 });
      const early = await makeEntrant(ctx, name);
      const [first] = await roundsOf(ctx, name);
      await db.transaction((tx) => closeRound(ctx, tx, first?.id ?? ""));
      await expect(makeEntrant(ctx, name)).rejects.toMatchObject({
        code: "round_not_open",
        message: expect.stringContaining("takes no new entrants"),
      });
      expect((await db.transaction((tx) => joinCompetition(early, tx, { name }))).entrant.state).toBe(
        "active",
      );
    }));
});

test("data can't be read before its round opens; it is granted to all who joined, also to those who join at that moment", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name, trees } = await makeCompetition(ctx, { round: { opens_at: "2026-02-01T00:00:00Z" } });
    const before = await makeEntrant(ctx, name);
    expect(await mayReadTree(db, trees.train, [before.team.id])).toBe(false);
    const [round] = await roundsOf(ctx, name);
    if (!round) throw new Error("no round");
    const members = [];
    for (let n = 0; n < 6; n++) members.push(await makeMember(ctx));
    const stranger = await makeMember(ctx);
    await Promise.all([
      ...members.slice(0, 3).map((each) => db.transaction((tx) => joinCompetition(each, tx, { name }))),
      db.transaction((tx) => openRound(ctx, tx, round)),
      ...members.slice(3).map((each) => db.transaction((tx) => joinCompetition(each, tx, { name }))),
    ]);
    for (const each of [before, ...members])
      expect(await mayReadTree(db, trees.train, [each.team.id])).toBe(true);
    expect(await mayReadTree(db, trees.train, [stranger.team.id])).toBe(false);
  }));
