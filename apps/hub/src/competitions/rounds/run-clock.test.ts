import { expect, test } from "bun:test";
import { as, systemContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import { makeCompetition } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { findCompetition, listRounds, updateRound } from "../store.ts";
import { runClock } from "./run-clock.ts";

const HOUR = 3_600_000;
const times = { opens_at: "2026-01-01T13:00:00Z", closes_at: "2026-01-01T14:00:00Z" };

async function states(ctx: Parameters<typeof as>[0], name: string): Promise<string[]> {
  const found = await findCompetition(ctx.db, { name });
  return (await listRounds(ctx.db, found?.competition.id ?? "")).map(({ state }) => state);
}

test("rounds open and close at their times", () =>
  withRollback(async (db) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const { name } = await makeCompetition(ctx, { round: times });
    const seen = [];
    for (const hours of [0, 1, 0.5, 0.5]) {
      ctx.clock.advance(hours * HOUR);
      await runClock(ctx);
      seen.push(...(await states(ctx, name)));
    }
    expect(seen).toEqual(["upcoming", "open", "open", "closing"]);
  }));

test("a time that came while no hub ran is kept late, once", () =>
  withRollback(async (db) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const { name } = await makeCompetition(ctx, { round: times });
    ctx.clock.advance(48 * HOUR);
    for (let turn = 0; turn < 3; turn++) await runClock(ctx);
    expect(await states(ctx, name)).toEqual(["closing"]);
    const types = await outboxTypes(db);
    expect(types.filter((type) => type.startsWith("round."))).toEqual(["round.opened", "round.closing"]);
  }));

test("a round whose time has come waits until the one before is closed", () =>
  withRollback(async (db) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const { name } = await makeCompetition(ctx, { rounds: 2, round: { closes_at: times.closes_at } });
    const found = await findCompetition(db, { name });
    const [, second] = await listRounds(db, found?.competition.id ?? "");
    await db.transaction((tx) =>
      updateRound(tx, second?.id ?? "", { opensAt: new Date(times.opens_at), closesAt: null }),
    );
    ctx.clock.advance(HOUR);
    await runClock(ctx);
    expect(await states(ctx, name)).toEqual(["open", "upcoming"]);
    ctx.clock.advance(HOUR);
    await runClock(ctx);
    await settle(ctx);
    expect(await states(ctx, name)).toEqual(["closed", "open"]);
  }));

test("two hubs whose clocks ring at once open and close a round once", () =>
  withDatabase(async ({ db }) => {
    const ctx = as(systemContext(db), { kind: "system" });
    const { name } = await makeCompetition(ctx, { round: times });
    ctx.clock.advance(2 * HOUR);
    await Promise.all([runClock(ctx), runClock(ctx), runClock(ctx)]);
    await runClock(ctx);
    expect(await states(ctx, name)).toEqual(["closing"]);
    const types = await outboxTypes(db);
    expect(types.filter((type) => type.startsWith("round."))).toEqual(["round.opened", "round.closing"]);
  }));
