import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { holdCredits } from "./hold.ts";
import { settleHold } from "./settle.ts";
import { balances, ledgerSum, listEntries } from "./store.ts";

const hold = (member: Member, amount: number) =>
  member.db.transaction((tx) => holdCredits(member, tx, { teamId: member.team.id, amount, memo: "work" }));
const settle = (member: Member, id: string, used: number) =>
  member.db.transaction((tx) => settleHold(member, tx, id, used));
const kinds = async ({ db, team }: Member) =>
  (await listEntries(db, team.id, 20, undefined)).map((row) => row.kind);

test("what was used is spent, the rest comes back", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    await settle(member, await hold(member, 3e6), 1e6);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 4e6, held: 0, spent: 1e6 }]);
    expect(await ledgerSum(db)).toBe(0);
  }));

test("never more is spent than was held, and never less than nothing", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    await settle(member, await hold(member, 2e6), 9e6);
    await settle(member, await hold(member, 1e6), -1);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 3e6, held: 0, spent: 2e6 }]);
  }));

test("work that used nothing is released without a trace of spending; free work is booked as free", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    await settle(member, await hold(member, 2e6), 0);
    expect((await kinds(member)).filter((kind) => kind === "settle")).toEqual([]);
    await settle(member, await hold(member, 0), 0);
    expect((await kinds(member)).filter((kind) => kind === "settle")).toHaveLength(1);
  }));

test("an unknown hold changes nothing", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    await settle(member, member.ids.next("hold"), 1e6);
    expect(await kinds(member)).toEqual(["grant"]);
  }));

test("a hold that is settled from eight sides at once is settled exactly once", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const id = await hold(member, 3e6);
    await Promise.all(Array.from({ length: 8 }, (_, used) => settle(member, id, (used + 1) * 1e5)));
    const [balance] = await balances(db, [member.team.id]);
    expect(balance?.held).toBe(0);
    expect((balance?.available ?? 0) + (balance?.spent ?? 0)).toBe(5e6);
    expect((await kinds(member)).filter((kind) => kind === "settle")).toHaveLength(1);
  }));
