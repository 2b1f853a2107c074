import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { makeBatchWorld, makeRunningBatch } from "../testing/batches.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { finishWithOutput, makeMember } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";

test("an endpoint's team hears once that a dataset was predicted, and where; others don't", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeBatchWorld(ctx);
    const { session } = await makeRunningBatch(member, endpoint);
    await finishWithOutput(ctx, session, { "a.csv.predictions.jsonl": "1\n" });
    await settle(ctx);
    const notes = async (who: typeof member) =>
      (await apiOf(who).ask("GET", "/notifications"))
        .json()
        .items.filter(({ kind }: { kind: string }) => kind === "batch_inference.ended");
    expect(await notes(member)).toMatchObject([
      {
        text: `Version 1 of endpoint "${endpoint.name}" has predicted ${member.team.slug}/rows@2: scores@1.`,
      },
    ]);
    expect(await notes(await makeMember(ctx))).toEqual([]);
  }));
