import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { chargeCalls } from "./charge-calls.ts";
import { setPrices } from "./prices.ts";
import { balances } from "./store.ts";

const PRICES = { gpu_minute: 0, gpu_minute_by_model: {}, cpu_minute: 0, thousand_calls: 2_500, gib_month: 0 };
const charge = (member: Member, before: number, after: number) =>
  member.db.transaction((tx) =>
    chargeCalls(member, tx, {
      teamId: member.team.id,
      before,
      after,
      memo: "calls",
      reference: `calls:${member.team.id}:${before}:${after}`,
    }),
  );
const available = async (member: Member) => (await balances(member.db, [member.team.id]))[0]?.available;

test("calls cost the same however they are reported: one by one or all at once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrices(ctx, PRICES);
    const [bit, whole] = [await makeMember(ctx, "participant", 1), await makeMember(ctx, "participant", 1)];

    for (let calls = 0; calls < 7; calls++) expect(await charge(bit, calls, calls + 1)).toBe(true);
    expect(await charge(whole, 0, 7)).toBe(true);

    // 7 calls at 2.5 microcredits
    expect(await available(bit)).toBe(1e6 - 17);
    expect(await available(whole)).toBe(1e6 - 17);
  }));

test("a report that comes twice is charged once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrices(ctx, PRICES);
    const member = await makeMember(ctx, "participant", 1);
    await charge(member, 0, 1000);
    await charge(member, 0, 1000);
    expect(await available(member)).toBe(1e6 - 2_500);
  }));

test("a team that can't pay all its calls pays what it has, and the caller learns of it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrices(ctx, { ...PRICES, thousand_calls: 1e9 });
    const member = await makeMember(ctx, "participant", 1);
    expect(await charge(member, 0, 1000)).toBe(false);
    expect(await available(member)).toBe(0);
    expect(await charge(member, 1000, 1001)).toBe(false);
    expect(await available(member)).toBe(0);
  }));

test("without a price, calls are free and leave no entry", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 0);
    expect(await charge(member, 0, 1_000_000)).toBe(true);
  }));
