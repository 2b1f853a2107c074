import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeRunningSession, makeTree } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { setJudging } from "../../testing/programs.ts";
import { reloadSubmission, submitToScorer } from "../../testing/submissions.ts";
import { programPlaced } from "./program-placed.ts";

test("viewers of a contest hear when a node takes its scorer, and of no other session", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, {
      definition: {
        metric: { name: "custom", order: "descending" },
        scorer: { program: "scorer", convention: "nsml" },
      },
    });
    await setJudging(ctx, name, { scorerTree: await makeTree(organizer, { "evaluation.py": "print(1)" }) });
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitToScorer(entrant, name);
    await settle(ctx);
    const told = async () => (await outboxTypes(db)).filter((type) => type === "submission.changed").length;
    const before = await told();
    await programPlaced(ctx, (await reloadSubmission(ctx, submission)).scoreSessionId ?? "");
    expect(await told()).toBe(before + 1);
    await programPlaced(ctx, (await makeRunningSession(entrant)).id);
    expect(await told()).toBe(before + 1);
  }));
