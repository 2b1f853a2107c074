import { startBatchInferenceSchema } from "@podium/shared";
import { startBatchInference } from "../serving/batch-inferences/start-batch-inference.ts";
import { findBatchInference } from "../serving/batch-inferences/store.ts";
import type { EndpointRow } from "../serving/store.ts";
import type { TestContext } from "./context.ts";
import { type Member, makeDataset, makeNode, place, report } from "./factories.ts";
import { makeVersions } from "./traffic.ts";

/** An endpoint with ready versions, and two versions of a dataset of its team, called `rows`. */
export async function makeBatchWorld(ctx: TestContext, count = 1) {
  const world = await makeVersions(ctx, count);
  await makeDataset(world.member, "rows", { versions: [{ "a.csv": "x\n1\n" }, { "a.csv": "x\n2\n" }] });
  return world;
}

/** A batch inference over `rows` into `scores`, whose session runs. */
export async function makeRunningBatch(member: Member, endpoint: EndpointRow) {
  const asked = startBatchInferenceSchema.parse({ dataset: "rows", output: "scores" });
  const id = await member.db.transaction((tx) =>
    startBatchInference(member, tx, endpoint, member.team, asked),
  );
  const session = { id: (await reloadBatch(member, id)).sessionId };
  await makeNode(member);
  await place(member);
  await report(member, session, { state: "running" });
  return { id, session };
}

export async function reloadBatch(ctx: TestContext, id: string) {
  const found = await findBatchInference(ctx.db, id);
  if (!found) throw new Error("the batch inference is gone");
  return found.batch;
}
