import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { holdCredits } from "./hold.ts";
import { balances, listEntries, lockHold } from "./store.ts";

test("held credit is still the team's, but can't be spent twice", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const hold = { teamId: member.team.id, amount: 3e6, memo: "training" };

    const id = await db.transaction((tx) => holdCredits(member, tx, hold));

    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 2e6, held: 3e6, spent: 0 }]);
    expect(await db.transaction((tx) => lockHold(tx, id))).toMatchObject({ state: "open", amount: 3e6 });
    await expect(db.transaction((tx) => holdCredits(member, tx, hold))).rejects.toMatchObject({
      code: "insufficient_credits",
      details: { required_microcredits: 3e6 },
    });
  }));

test("too little credit says how much is needed and leaves neither a hold nor an entry", () =>
  withRollback(async (db) => {
    const { team, ...member } = await makeMember(systemContext(db), "participant", 0);
    const call = db.transaction((tx) =>
      holdCredits(member, tx, { teamId: team.id, amount: 1.5e6, memo: "" }),
    );
    await expect(call).rejects.toThrow("This needs 1.5 credits and your team has fewer.");
    expect(await listEntries(db, team.id, 10, undefined)).toEqual([]);
    expect(await balances(db, [team.id])).toMatchObject([{ available: 0, held: 0 }]);
  }));

test("free work makes a hold of nothing, even without any credit", () =>
  withRollback(async (db) => {
    const { team, ...member } = await makeMember(systemContext(db), "participant", 0);
    const id = await db.transaction((tx) =>
      holdCredits(member, tx, { teamId: team.id, amount: 0, memo: "" }),
    );
    expect(await db.transaction((tx) => lockHold(tx, id))).toMatchObject({ state: "open", amount: 0 });
  }));

test("of ten holds at once, only as many succeed as the credit suffices for", () =>
  withDatabase(async ({ db }) => {
    const { team, ...member } = await makeMember(systemContext(db), "participant", 4);
    const hold = () =>
      db.transaction((tx) => holdCredits(member, tx, { teamId: team.id, amount: 1e6, memo: "" }));
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, hold));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    expect(await balances(db, [team.id])).toMatchObject([{ available: 0, held: 4e6 }]);
  }));
