import { expect, test } from "bun:test";
import { boardFor as boardOf, recomputed, storedBoard } from "../testing/boards.ts";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant } from "../testing/factories.ts";
import { seeded } from "../testing/random.ts";
import { fail, score, submitFile } from "../testing/submissions.ts";
import { updateStanding } from "./update.ts";

const MANY = { limits: { per_day: 1000, total: 1000, pending: 1000 } };

test("an entrant's best submission counts, the earliest of equals; a worse one only adds to the number", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const ids: string[] = [];
    for (const value of [0.5, 0.2, 0.2, 0.9]) {
      ctx.clock.advance(1000);
      const submission = await submitFile(entrant, name);
      ids.push(submission.id);
      await score(ctx, submission, value);
    }
    // In whatever order, and however often, the board hears of them.
    for (const index of [3, 2, 0, 1, 2, 3, 0]) await updateStanding(ctx, ids[index] ?? "");
    expect((await boardOf(entrant, name)).rows).toEqual([
      {
        rank: 1,
        entrant: entrant.team.slug,
        score: 0.2,
        columns: {},
        submissions: 4,
        best_submission_id: ids[1] as `sub_${string}`,
        best_at: "2026-01-01T12:00:02.000Z",
        survives: null,
        interval: null,
      },
    ]);
  }));

test("a submission that has no score yet, has failed, or is unknown changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const [waiting, failed] = [await submitFile(entrant, name), await submitFile(entrant, name)];
    await fail(ctx, failed);
    for (const id of [waiting.id, failed.id, ctx.ids.next("submission")]) await updateStanding(ctx, id);
    expect((await boardOf(entrant, name)).rows).toEqual([]);
    expect(await outboxTypes(db)).not.toContain("leaderboard.changed");
  }));

test("updates of many submissions at once end in the board that the submissions give", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, { round: MANY });
    const entrants = [
      await makeEntrant(ctx, name),
      await makeEntrant(ctx, name),
      await makeEntrant(ctx, name),
    ];
    const random = seeded(1);
    const ids: string[] = [];
    for (let n = 0; n < 24; n++) {
      const submission = await submitFile(random.pick(entrants), name);
      await score(ctx, submission, random.int(5));
      ids.push(submission.id);
    }
    await Promise.all([...ids, ...random.shuffle(ids)].map((id) => updateStanding(ctx, id)));
    for (const board of ["public", "private"] as const) {
      expect((await storedBoard(organizer, name, board)).rows).toHaveLength(3);
      expect(await storedBoard(organizer, name, board)).toEqual(await recomputed(organizer, name, board));
    }
  }));
