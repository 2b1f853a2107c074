import { expect, test } from "bun:test";
import { FORGET_CONTEST } from "../../forget-contest.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeMember } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { contestRows, rehearse } from "../../testing/rehearsals.ts";
import { submitCode, submitFile } from "../../testing/submissions.ts";
import { closeRound } from "../rounds/close-round.ts";
import { findCompetition, listRounds } from "../store.ts";
import { endAbandoned, endRehearsal } from "./end.ts";

const scorer = { score: async () => ({ scores: { score: 0.25 }, rows: 4 }) };

test("what was rehearsed is gone: no table has a row of it but those of its sessions", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const round = { accepts: ["predictions", "code"] };
    const contest = await makeCompetition(ctx, { rounds: 2, round });
    const { organizer } = contest;
    const before = await contestRows(db);
    const { name, id } = await rehearse(contest);
    for (let n = 0; n < 2; n++) await submitFile(organizer, name);
    await settle(ctx, { scorer });
    const [first] = await listRounds(db, id);
    await db.transaction((tx) => closeRound(ctx, tx, first?.id ?? ""));
    await settle(ctx, { scorer });
    const waiting = await submitCode(organizer, name);
    expect(waiting.roundId).not.toBe(first?.id);
    const during = await contestRows(db);
    for (const table of ["leaderboard_rows", "boards", "scores", "submissions", "competition_changes"])
      expect(during[table]).toBeGreaterThan(before[table] ?? 0);
    await db.transaction((tx) => endRehearsal(organizer, tx, name, FORGET_CONTEST));
    expect(await contestRows(db)).toEqual(before);
    await settle(ctx, { scorer });
    expect(await contestRows(db)).toEqual(before);
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
