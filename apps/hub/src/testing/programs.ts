import type { Id } from "@podium/shared";
import { storeRecords } from "../tracking/store-records.ts";
import { as, type TestContext } from "./context.ts";
import { ENDED, place, reload, report } from "./factories.ts";

/** What the node of a waiting session of kind `score` does when the organizer's program has given these values. */
export async function finishProgram(
  ctx: TestContext,
  session: { id: string },
  values: Record<string, number>,
): Promise<void> {
  await place(ctx);
  await report(ctx, session, { state: "running" });
  const { nodeId, attemptId, epoch } = await reload(ctx, session);
  const node = as(ctx, { kind: "node", nodeId: nodeId as Id<"node"> });
  const at = ctx.clock.now().toISOString();
  const record = { type: "metric" as const, seq: 1, at, step: 1, values, summary: true };
  await storeRecords(node, attemptId ?? "", epoch, [record]);
  await report(ctx, session, { ...ENDED, final_seq: 1, ended_at: at });
}
