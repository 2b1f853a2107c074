import { afterAll, expect, test } from "bun:test";
import { createScorerPool } from "../scoring/index.ts";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { giveSample, reloadSubmission, submitFile } from "../testing/submissions.ts";

const pool = createScorerPool({ size: 1, timeoutMs: 60_000, memoryBytes: 256 * 1024 ** 2 });
afterAll(() => pool.close());

test("a trial run is scored by the sample's labels, and is on no board, live or worked out again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    await giveSample(organizer, name);
    const entrant = await makeEntrant(ctx, name);
    const trial = await submitFile(entrant, name, "id,prediction\ns,1\nt,4\n", { trial: true });
    await settle(ctx, { scorer: pool });
    expect(await reloadSubmission(ctx, trial)).toMatchObject({ state: "scored", score: 2 });
    const { ask } = apiOf(entrant);
    const board = `/competitions/${name}/rounds/round-1/leaderboard`;
    expect((await ask("GET", board)).json().rows).toEqual([]);

    await submitFile(entrant, name);
    await settle(ctx, { scorer: pool });
    const [row] = (await ask("GET", board)).json().rows;
    expect(row).toMatchObject({ score: 0, submissions: 1 });
    const again = await apiOf(organizer).ask("GET", `${board}/recomputed`);
    expect(again.json().rows).toEqual([row]);
  }));
