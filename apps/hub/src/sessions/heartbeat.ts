import { type HubMessage, RUNNER_PROTOCOL, type RunnerMessage } from "@podium/shared";
import { markSeen, setCachedTrees, setCapacity } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { applyReport } from "./apply-report.ts";
import { assignmentsOf, type DescribeServing } from "./assignments.ts";
import { extendLeases } from "./store.ts";

/**
 * Takes a node's message and answers with all that it should run. Level-triggered: a lost or repeated message
 * is repaired by the next one.
 */
export async function receiveFromNode(
  ctx: Context,
  nodeId: string,
  message: RunnerMessage,
  describeServing: DescribeServing,
  notify: NodeEvents,
): Promise<HubMessage> {
  if (message.type === "hello" && message.protocol !== RUNNER_PROTOCOL) {
    return {
      type: "refused",
      message: `This hub speaks runner protocol ${RUNNER_PROTOCOL}, not ${message.protocol}. Install the same version of both.`,
    };
  }
  const now = ctx.clock.now();
  if (message.type === "hello") {
    await ctx.db.transaction(async (tx) => {
      await setCapacity(tx, nodeId, message.capacity, () => ctx.ids.next("device"));
      await emit(ctx, tx, { type: "node.changed", node_id: nodeId as `nod_${string}` });
    });
  } else {
    await ctx.db.transaction((tx) => setCachedTrees(tx, nodeId, message.cached_trees));
  }
  // Reports first: what ended on a node that was away must not look alive to the scheduler.
  for (const report of message.attempts) {
    await ctx.db.transaction((tx) => applyReport(ctx, tx, nodeId, report));
    if (report.replica) await notify.replica(ctx, report);
  }
  await extendLeases(ctx.db, nodeId, new Date(now.getTime() + ctx.settings.leaseMs));
  await markSeen(ctx.db, nodeId, now, message.type === "heartbeat" ? message.usage : null);
  return {
    type: "sync",
    answers: message.type === "heartbeat" ? message.sent_at : null,
    lease_ms: ctx.settings.leaseMs,
    attempts: await assignmentsOf(ctx, nodeId, describeServing),
  };
}

/** What later domains want to hear from heartbeats. */
export interface NodeEvents {
  replica(ctx: Context, report: RunnerMessage["attempts"][number]): Promise<void>;
}
