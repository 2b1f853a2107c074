import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeRunningSession } from "../../testing/factories.ts";
import { reloadSubmission, submitCheckpoint } from "../../testing/submissions.ts";
import { startInference } from "./infer.ts";
import { tellPlaced } from "./tell-placed.ts";

test("viewers of a contest hear when a submission's inference moves on, and of no other session", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitCheckpoint(entrant, name);
    await startInference(ctx, submission.id);
    const told = async () => (await outboxTypes(db)).filter((type) => type === "submission.changed").length;
    expect(await told()).toBe(1);
    await tellPlaced(ctx, (await reloadSubmission(ctx, submission)).inferSessionId ?? "");
    expect(await told()).toBe(2);
    await tellPlaced(ctx, (await makeRunningSession(entrant)).id);
    expect(await told()).toBe(2);
  }));
