import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { FORGET_CONTEST } from "../../forget-contest.ts";
import type { Db } from "../../platform/database.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeMember } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { rehearse } from "../../testing/rehearsals.ts";
import { submitCode, submitFile } from "../../testing/submissions.ts";
import { closeRound } from "../rounds/close-round.ts";
import { findCompetition, listRounds } from "../store.ts";
import { endAbandoned, endRehearsal } from "./end.ts";

/** Rows of every table that says whose competition, round, dataset or submission it is of. */
async function countRows(db: Db): Promise<Record<string, number>> {
  const tables = await db.execute<{ name: string }>(
    sql`select distinct table_name as name from information_schema.columns where table_schema = 'public'
      and (column_name in ('competition_id', 'round_id', 'dataset_id', 'submission_id', 'entrant_id')
        or table_name in ('competitions', 'datasets'))`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables.rows) {
    const count = sql`select count(*)::int as n from ${sql.identifier(name)}`;
    counts[name] = (await db.execute<{ n: number }>(count)).rows[0]?.n ?? -1;
  }
  return counts;
}

const scorer = { score: async () => ({ scores: { score: 0.25 }, rows: 4 }) };

test("what was rehearsed is gone: no table has a row of it but those of its sessions", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const round = { accepts: ["predictions", "code"] };
    const contest = await makeCompetition(ctx, { rounds: 2, round });
    const { organizer } = contest;
    const before = await countRows(db);
    const { name, id } = await rehearse(contest);
    for (let n = 0; n < 2; n++) await submitFile(organizer, name);
    await settle(ctx, { scorer });
    const [first] = await listRounds(db, id);
    await db.transaction((tx) => closeRound(ctx, tx, first?.id ?? ""));
    await settle(ctx, { scorer });
    const waiting = await submitCode(organizer, name);
    expect(waiting.roundId).not.toBe(first?.id);
    const during = await countRows(db);
    for (const table of ["leaderboard_rows", "boards", "scores", "submissions", "competition_changes"])
      expect(during[table]).toBeGreaterThan(before[table] ?? 0);
    await db.transaction((tx) => endRehearsal(organizer, tx, name, FORGET_CONTEST));
    expect(await countRows(db)).toEqual(before);
    await settle(ctx, { scorer });
    expect(await countRows(db)).toEqual(before);
  }));

test("a contest is never taken away, and a rehearsal only by those who organize it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeCompetition(ctx);
    const { name } = await rehearse(contest);
    const end = (who: typeof contest.organizer, what: string) =>
      db.transaction((tx) => endRehearsal(who, tx, what, FORGET_CONTEST));
    await expect(end(contest.organizer, contest.name)).rejects.toMatchObject({ code: "conflict" });
    await expect(end(await makeMember(ctx, "organizer"), name)).rejects.toMatchObject({ code: "forbidden" });
    await end(contest.organizer, name);
    await expect(end(contest.organizer, name)).rejects.toMatchObject({ code: "not_found" });
  }));

test("a rehearsal that nobody ends is taken away after six hours, and no contest is", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeCompetition(ctx);
    const { name } = await rehearse(contest);
    const isThere = async (which: string) => (await findCompetition(db, { name: which })) !== null;
    ctx.clock.advance(6 * 3_600_000);
    await endAbandoned(ctx, FORGET_CONTEST);
    expect(await isThere(name)).toBe(true);
    ctx.clock.advance(1);
    await endAbandoned(ctx, FORGET_CONTEST);
    expect([await isThere(name), await isThere(contest.name)]).toEqual([false, true]);
  }));
