import { expect, test } from "bun:test";
import { pricesSchema, resourcesSchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { refundSession } from "./refund.ts";
import { type Metered, reserveSlice, settleSlices, shiftFirstSlice } from "./slices.ts";
import { balances, ledgerSum, slicesOf } from "./store.ts";

const metered = (member: Member): Metered => ({
  attemptId: member.ids.next("attempt"),
  sessionId: member.ids.next("session"),
  teamId: member.team.id,
  name: "ann/films/1",
  prices: pricesSchema.parse({}),
  resources: resourcesSchema.parse({ gpus: 1 }),
  models: ["H100"],
});
const at = (member: Member, ms: number) => new Date(member.clock.now().getTime() + ms);
const reserve = (member: Member, work: Metered, slice: number) =>
  member.db.transaction((tx) => reserveSlice(member, tx, work, slice, at(member, slice * 60_000)));
const settle = (member: Member, work: Metered, ms: number, final: boolean) =>
  member.db.transaction((tx) => settleSlices(member, tx, work, at(member, ms), final));

test("a minute of one GPU is reserved before it runs; asking again reserves nothing more", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const work = metered(member);
    await reserve(member, work, 0);
    await reserve(member, work, 0);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 4e6, held: 1e6 }]);
  }));

test("while work goes on only whole slices are settled; at its end the last one by the time that passed", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const work = metered(member);
    for (const slice of [0, 1, 2]) await reserve(member, work, slice);

    await settle(member, work, 90_000, false);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 2e6, held: 2e6, spent: 1e6 }]);

    await settle(member, work, 90_000, true);
    await settle(member, work, 200_000, true);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 3.5e6, held: 0, spent: 1.5e6 }]);
  }));

test("what was settled before the end was known is given back, and a refund afterwards gives back the rest", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const work = metered(member);
    for (const slice of [0, 1, 2]) await reserve(member, work, slice);
    await settle(member, work, 150_000, false);

    await settle(member, work, 30_000, true);
    await settle(member, work, 30_000, true);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 4.5e6, held: 0, spent: 0.5e6 }]);

    await db.transaction((tx) => refundSession(member, tx, work.sessionId, "a platform fault"));
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 5e6, held: 0, spent: 0 }]);
    expect(await ledgerSum(db)).toBe(0);
  }));

test("time is paid from the moment the user's code began, not from placement", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const work = metered(member);
    await reserve(member, work, 0);
    await db.transaction((tx) => shiftFirstSlice(tx, work.attemptId, at(member, 30_000)));
    await settle(member, work, 45_000, true);
    expect(await balances(db, [member.team.id])).toMatchObject([{ held: 0, spent: 250_000 }]);
  }));

test("without credit a slice is refused and nothing is reserved", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 0);
    const work = metered(member);
    await expect(reserve(member, work, 0)).rejects.toMatchObject({ code: "insufficient_credits" });
    expect(await slicesOf(db, { attemptId: work.attemptId })).toEqual([]);
  }));

test("two hubs that reserve the same slice at once hold its price once", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db), "participant", 50);
    const work = metered(member);
    for (let slice = 0; slice < 5; slice++) {
      await Promise.all([reserve(member, work, slice), reserve(member, work, slice)]);
    }
    expect(await slicesOf(db, { attemptId: work.attemptId })).toHaveLength(5);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 45e6, held: 5e6 }]);
  }));
