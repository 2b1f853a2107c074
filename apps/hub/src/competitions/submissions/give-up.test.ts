import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  finishWithOutput,
  makeCompetition,
  makeEntrant,
  makeNode,
  place,
  report,
} from "../../testing/factories.ts";
import { reloadSubmission, submitCheckpoint, submitFile } from "../../testing/submissions.ts";
import { updateSubmission } from "../store.ts";
import { giveUpStuck } from "./give-up.ts";
import { startInference } from "./infer.ts";

const MINUTE = 60_000;

test("a submission that nobody works on any more fails at no cost; one that waits for a node does not", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { pending: 10 } } });
    const entrant = await makeEntrant(ctx, name);
    const queued = await submitFile(entrant, name);
    const scoring = await submitFile(entrant, name);
    const waiting = await submitCheckpoint(entrant, name, { priority: -100 });
    await db.transaction((tx) => updateSubmission(tx, queued.id, { state: "queued" }));
    await startInference(ctx, waiting.id);

    const states = async () => {
      const seen = [];
      for (const each of [queued, scoring, waiting]) seen.push((await reloadSubmission(ctx, each)).state);
      return seen;
    };
    ctx.clock.advance(119 * MINUTE);
    await giveUpStuck(ctx);
    expect(await states()).toEqual(["queued", "scoring", "inferring"]);
    ctx.clock.advance(2 * MINUTE);
    for (let turn = 0; turn < 2; turn++) await giveUpStuck(ctx);
    expect(await states()).toEqual(["failed", "failed", "inferring"]);
    expect(await reloadSubmission(ctx, scoring)).toMatchObject({
      failure: { code: "platform_error", message: expect.stringContaining("cost you nothing") },
      refunded: true,
      platformFault: true,
    });

    const infer = { id: (await reloadSubmission(ctx, waiting)).inferSessionId ?? "" };
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, infer, { state: "running" });
    await finishWithOutput(ctx, infer, { "predictions.jsonl": "{}\n" });
    await giveUpStuck(ctx);
    expect((await reloadSubmission(ctx, waiting)).state).toBe("inferring");
    ctx.clock.advance(121 * MINUTE);
    await giveUpStuck(ctx);
    expect((await reloadSubmission(ctx, waiting)).state).toBe("failed");
  }));
