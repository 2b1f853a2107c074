import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant, makeNode, makeTree, place, reload } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { setJudging } from "../testing/programs.ts";
import { reloadSubmission, submitToScorer } from "../testing/submissions.ts";
import { giveUpScoring } from "./give-up-scoring.ts";
import type { Scorer } from "./judge.ts";

const scorer: Scorer = { score: () => Promise.reject(new Error("nothing built-in here")) };

test("a program that no node takes is given up in time, at no cost; one that was placed goes on", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, {
      definition: {
        metric: { name: "custom", order: "descending" },
        scorer: { program: "scorer", convention: "nsml" },
      },
    });
    const scorerTree = await makeTree(organizer, { "evaluation.py": "print(1)" });
    await setJudging(ctx, name, { scorerTree });
    const entrant = await makeEntrant(ctx, name);
    const placed = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });
    await makeNode(ctx);
    await place(ctx);
    const waits = await submitToScorer(entrant, name);
    await settle(ctx, { scorer });

    await giveUpScoring(ctx);
    expect((await reloadSubmission(ctx, waits)).state).toBe("scoring");
    ctx.clock.advance(ctx.settings.inferWaitMs + 1);
    for (let times = 0; times < 2; times++) await giveUpScoring(ctx);
    const given = await reloadSubmission(ctx, waits);
    expect(given).toMatchObject({ state: "failed", refunded: true, platformFault: true });
    expect((await reload(ctx, { id: given.scoreSessionId ?? "" })).state).toBe("stopped");
    expect((await reloadSubmission(ctx, placed)).state).toBe("scoring");
  }));
