import type { Id, SpoolRecord } from "@podium/shared";
import { requeueDue } from "../sessions/requeue.ts";
import type { SessionRow } from "../sessions/store.ts";
import { storeRecords } from "../tracking/store-records.ts";
import { as, type TestContext } from "./context.ts";
import { ENDED, reload, report } from "./factories.ts";

/** As the composition hands it to sessions, which may not know the domain that keeps checkpoints. */
export { holdCheckpoint } from "../tracking/index.ts";

/** Time passes until every session that waits to be tried again is queued. */
export async function waitForRetry(ctx: TestContext): Promise<void> {
  ctx.clock.advance(10 * 60_000);
  await requeueDue(as(ctx, { kind: "system" }));
}

/** What a running session saves, as its node hands it on: an empty folder under this name. */
export async function saves(ctx: TestContext, session: { id: string }, name: string, seq = 1): Promise<void> {
  const { attemptId, epoch, nodeId } = await reload(ctx, session);
  const node = as(ctx, { kind: "node", nodeId: nodeId as Id<"node"> });
  const at = ctx.clock.now().toISOString();
  const record: SpoolRecord = { type: "checkpoint", seq, at, name, entries: [], metrics: {} };
  await storeRecords(node, attemptId ?? "", epoch, [record]);
}

/** Its node has ended it as it was told to, and has sent `finalSeq` records. */
export async function ends(ctx: TestContext, session: { id: string }, finalSeq = 0): Promise<SessionRow> {
  const ended_at = ctx.clock.now().toISOString();
  await report(ctx, session, { ...ENDED, exit_code: 143, was_ended: true, final_seq: finalSeq, ended_at });
  return reload(ctx, session);
}
