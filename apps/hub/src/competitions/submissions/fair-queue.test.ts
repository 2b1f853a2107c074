import { expect, test } from "bun:test";
import type { Id } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  finishWithOutput,
  makeCheckpoint,
  makeCompetition,
  makeEntrant,
  makeNode,
  makeSession,
  place,
  report,
} from "../../testing/factories.ts";
import { submitCheckpoint } from "../../testing/submissions.ts";
import { listShown } from "../store.ts";
import { startInference } from "./infer.ts";
import { submit } from "./submit.ts";

/** A hundred of everything, on a machine that does other things beside. */
const LONG_MS = 180_000;
const MANY = 100;
const round = { limits: { pending: MANY, per_day: 2 * MANY, memory_bytes: 6 * 1024 ** 3 } };

test(
  "one entrant's hundred that wait for a node don't delay another's single one: it is next",
  () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, { round });
      const [busy, other] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
      const session_id = (await makeSession(busy, { priority: -100 })).id as Id<"session">;
      await makeCheckpoint(busy, { id: session_id });
      const what = { kind: "checkpoint" as const, session_id, checkpoint: "best" };
      const queued = [];
      for (let n = 0; n < MANY; n++) queued.push(await db.transaction((tx) => submit(busy, tx, name, what)));
      ctx.clock.advance(1000);
      const single = await submitCheckpoint(other, name, { priority: -100 });
      for (const each of [...queued, single]) await startInference(ctx, each.id);

      await makeNode(ctx);
      const served = [];
      for (let turn = 0; turn < 3; turn++) {
        await place(ctx);
        for (const { submission, infer } of await listShown(db, single.competitionId, null, 200, undefined)) {
          if (infer?.state !== "placing") continue;
          served.push(submission.id);
          await report(ctx, infer, { state: "running" });
          await finishWithOutput(ctx, infer, { "predictions.jsonl": "{}\n" });
        }
      }
      expect(served).toEqual([queued[0]?.id, single.id, queued[1]?.id].map((id) => id ?? ""));
    }),
  LONG_MS,
);
