import { expect, test } from "bun:test";
import { makeScored, setSubmission } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeEntrant } from "../../testing/factories.ts";
import { fail, score, submitFile } from "../../testing/submissions.ts";
import { competitionStatistics } from "./statistics.ts";

test("participation by round, day and entrant: trial runs and who only joined are not counted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeScored(ctx, [1, 2, 3, 4], { rounds: 2 });
    await makeEntrant(ctx, contest.name);
    const [heavy] = contest.members;
    if (!heavy) throw new Error("no player");
    ctx.clock.advance(24 * 3_600_000);
    for (let n = 0; n < 5; n++) await score(ctx, await submitFile(heavy, contest.name), n);
    await fail(ctx, await submitFile(heavy, contest.name));
    await setSubmission(ctx, (await submitFile(heavy, contest.name)).id, { trial: true });
    expect(await competitionStatistics(contest.organizer, contest.name)).toEqual({
      competition: contest.name,
      joined: 5,
      rounds: [
        {
          round: "round-1",
          users: 4,
          entrants: 4,
          models: 10,
          scored: 9,
          failed: 1,
          mean: 2.5,
          maximum: 7,
          share_under_5: 0.75,
        },
        {
          round: "round-2",
          users: 0,
          entrants: 0,
          models: 0,
          scored: 0,
          failed: 0,
          mean: 0,
          maximum: 0,
          share_under_5: 0,
        },
      ],
      days: [
        { day: "2026-01-01", round: "round-1", models: 4, entrants: 4 },
        { day: "2026-01-02", round: "round-1", models: 6, entrants: 1 },
      ],
      heaviest: contest.members.map(({ team }, index) => ({
        entrant: team.slug,
        models: index === 0 ? 7 : 1,
        scored: index === 0 ? 6 : 1,
      })),
    });
  }));
