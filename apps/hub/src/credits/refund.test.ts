import { expect, test } from "bun:test";
import { pricesSchema, resourcesSchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { refundSession } from "./refund.ts";
import { reserveSlice, settleSlices } from "./slices.ts";
import { balances, ledgerSum, listEntries } from "./store.ts";

/** A session that has run for 90 seconds of three paid minutes: one slice settled, two open. */
async function makeMeteredWork(member: Member): Promise<string> {
  const sessionId = member.ids.next("session");
  const start = member.clock.now().getTime();
  const work = {
    attemptId: member.ids.next("attempt"),
    sessionId,
    teamId: member.team.id,
    name: "ann/films/1",
    prices: pricesSchema.parse({}),
    resources: resourcesSchema.parse({ gpus: 1 }),
    models: ["H100"],
  };
  await member.db.transaction(async (tx) => {
    for (const slice of [0, 1, 2])
      await reserveSlice(member, tx, work, slice, new Date(start + slice * 60_000));
    await settleSlices(member, tx, work, new Date(start + 90_000), false);
  });
  return sessionId;
}

test("a refund gives back all that a session cost, spent and reserved", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const session = await makeMeteredWork(member);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 2e6, held: 2e6, spent: 1e6 }]);

    await db.transaction((tx) => refundSession(member, tx, session, "the node was lost"));

    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 5e6, held: 0, spent: 0 }]);
    expect(await listEntries(db, member.team.id, 1, undefined)).toMatchObject([
      { kind: "release", account: "held" },
    ]);
    expect(await ledgerSum(db)).toBe(0);
  }));

test("a session that cost nothing, or is unknown, needs no refund", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    await db.transaction((tx) => refundSession(member, tx, member.ids.next("session"), "fault"));
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 5e6, spent: 0 }]);
  }));

test("a refund that is asked for four times at once is paid once", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db), "participant", 5);
    const session = await makeMeteredWork(member);
    const refund = () => db.transaction((tx) => refundSession(member, tx, session, "fault"));
    await Promise.all([refund(), refund(), refund(), refund()]);
    expect(await balances(db, [member.team.id])).toMatchObject([{ available: 5e6, held: 0, spent: 0 }]);
  }));
