import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import type { Database } from "../platform/database.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { seeded } from "../testing/random.ts";
import { book } from "./book.ts";
import { chargeCalls } from "./charge-calls.ts";
import { grantCredits } from "./grant.ts";
import { holdCredits } from "./hold.ts";
import { setPrices } from "./prices.ts";
import { refundSession } from "./refund.ts";
import { settleHold } from "./settle.ts";
import { reserveSlice } from "./slices.ts";
import { balances, ledgerSum, listEntries } from "./store.ts";

const usage = (teamId: string, amount: number, reference: string | null = null) =>
  ({ kind: "usage", teamId, from: "available", to: "revenue", amount, memo: "work", reference }) as const;

test("credit moves from one account to the other, and both sides are in the ledger", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 10);

    expect(await db.transaction((tx) => book(member, tx, usage(member.team.id, 4e6)))).toBe("booked");

    const [balance] = await balances(db, [member.team.id]);
    expect(balance).toMatchObject({ available: 6e6, held: 0, spent: 4e6 });
    expect(await ledgerSum(db)).toBe(0);
  }));

test("a booking that the team can't pay leaves no trace", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 3);
    const before = await listEntries(db, member.team.id, 10, undefined);

    expect(await db.transaction((tx) => book(member, tx, usage(member.team.id, 3e6 + 1)))).toBe(
      "insufficient",
    );

    expect(await listEntries(db, member.team.id, 10, undefined)).toEqual(before);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 3e6, spent: 0 }]);
  }));

test("the same cause is booked once, even when the second time there would be too little credit", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const once = usage(member.team.id, 4e6, "call-1");

    expect(await db.transaction((tx) => book(member, tx, once))).toBe("booked");
    expect(await db.transaction((tx) => book(member, tx, once))).toBe("repeated");

    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 1e6, spent: 4e6 }]);
  }));

test.each([-1, 0.5, Number.NaN, 2 ** 53])("%p microcredits are never booked", (amount) =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await expect(db.transaction((tx) => book(member, tx, usage(member.team.id, amount)))).rejects.toThrow(
      "is no amount of microcredits",
    );
  }),
);

test("the database itself refuses an unbalanced transaction, and any change or removal of an entry", () =>
  withDatabase(async ({ db, sql }) => {
    const { team } = await makeMember(systemContext(db));
    const [account] =
      await sql`select id from credit_accounts where team_id = ${team.id} and kind = 'available'`;

    const lopsided = sql`with made as (insert into ledger_transactions (id, kind, team_id, memo, created_at)
      values ('ltx_x', 'grant', ${team.id}, '', now()) returning id)
      insert into ledger_entries (transaction_id, account_id, amount) select id, ${account?.["id"]}, 5 from made`;
    await expect(lopsided).rejects.toThrow("does not sum to zero");
    const [entry] = await sql`select transaction_id from ledger_entries limit 1`;
    const added = sql`insert into ledger_entries select ${entry?.["transaction_id"]}, id, 1 from credit_accounts where kind = 'revenue'`;
    await expect(added).rejects.toThrow("does not sum to zero");

    for (const table of ["ledger_entries", "ledger_transactions"]) {
      await expect(sql.unsafe(`delete from ${table}`)).rejects.toThrow("append-only");
    }
    await expect(sql`update ledger_entries set amount = 0`).rejects.toThrow("append-only");
    await expect(sql`update ledger_transactions set memo = ''`).rejects.toThrow("append-only");
    await expect(sql`update credit_accounts set balance = -1 where id = ${account?.["id"]}`).rejects.toThrow(
      "credit_accounts_not_negative",
    );
  }));

const WORKERS = 4;
const STEPS = 40;
const PRICES = {
  gpu_minute: 1e6,
  gpu_minute_by_model: {},
  cpu_minute: 7,
  thousand_calls: 3333,
  gib_month: 0,
};

test("whatever several clients do at once, the ledger sums to zero and no balance falls below it", () =>
  withDatabase(async (database) => {
    const ctx = systemContext(database.db);
    await setPrices(ctx, PRICES);
    const teams = [await makeMember(ctx, "participant", 5), await makeMember(ctx, "participant", 5)];
    const world: World = { ctx, teams, holds: [], sessions: [], calls: new Map() };

    await Promise.all(Array.from({ length: WORKERS }, (_, seed) => actAtRandom(world, seeded(seed + 1))));

    expect(world.holds.length).toBeGreaterThan(10);
    await expectSoundLedger(database, world);
  }));

interface World {
  ctx: TestContext;
  teams: Member[];
  holds: string[];
  sessions: string[];
  calls: Map<string, number>;
}

async function actAtRandom(world: World, random: ReturnType<typeof seeded>): Promise<void> {
  const { ctx, holds, sessions } = world;
  const inTx = <T>(work: Parameters<typeof ctx.db.transaction<T>>[0]) => ctx.db.transaction(work);
  for (let step = 0; step < STEPS; step++) {
    const { team } = random.pick(world.teams);
    const amount = random.int(3e6);
    const acts = {
      grant: () => grantCredits(ctx, { team: team.slug, amount: amount + 1, memo: "" }),
      hold: async () => {
        holds.push(await inTx((tx) => holdCredits(ctx, tx, { teamId: team.id, amount, memo: "" })));
      },
      settle: async () => {
        if (holds.length > 0) await inTx((tx) => settleHold(ctx, tx, random.pick(holds), amount));
      },
      reserve: async () => {
        const sessionId = random.pick([...sessions, `session-${step}-${random.int(1e9)}`]);
        const resources = resourcesSchema.parse({ gpus: 1 });
        const metered = { attemptId: sessionId, sessionId, teamId: team.id, name: "work", resources };
        const priced = { ...metered, prices: PRICES, models: ["H100"] };
        await inTx((tx) => reserveSlice(ctx, tx, priced, random.int(3), ctx.clock.now()));
        sessions.push(sessionId);
      },
      refund: async () => {
        if (sessions.length > 0) await inTx((tx) => refundSession(ctx, tx, random.pick(sessions), "fault"));
      },
      charge: async () => {
        const before = world.calls.get(team.id) ?? 0;
        const after = before + random.int(500_000);
        world.calls.set(team.id, after);
        const input = { teamId: team.id, before, after, memo: "calls", reference: `${team.id}:${after}` };
        await inTx((tx) => chargeCalls(ctx, tx, input));
      },
    };
    const act =
      acts[
        random.pick(["grant", "hold", "hold", "settle", "settle", "reserve", "refund", "charge"] as const)
      ];
    await act().catch((error: { code?: string }) => {
      if (error.code !== "insufficient_credits") throw error;
    });
  }
}

async function expectSoundLedger({ db, sql }: Database, world: World): Promise<void> {
  expect(await ledgerSum(db)).toBe(0);
  const wrong = await sql`select a.id, a.kind, a.balance, sum(e.amount) from credit_accounts a
    left join ledger_entries e on e.account_id = a.id where a.team_id is not null
    group by a.id having a.balance <> coalesce(sum(e.amount), 0) or a.balance < 0`;
  expect([...wrong]).toEqual([]);
  const twice =
    await sql`select reference from ledger_transactions group by reference having reference is not null and count(*) > 1`;
  expect([...twice]).toEqual([]);

  for (const balance of await balances(
    db,
    world.teams.map(({ team }) => team.id),
  )) {
    const [facts] = await sql`select
      (select coalesce(sum(amount), 0) from holds where team_id = ${balance.id} and state = 'open') as open,
      (select sum(e.amount) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
        join credit_accounts a on a.id = e.account_id where t.kind = 'grant' and a.team_id = ${balance.id}) as granted`;
    expect(balance.held).toBe(Number(facts?.["open"]));
    expect(balance.available + balance.held + balance.spent).toBe(Number(facts?.["granted"]));
  }
}
