import {
  type AttemptReport,
  type HubMessage,
  type Id,
  RUNNER_PROTOCOL,
  type RunnerMessage,
} from "@podium/shared";
import { fencesOf, lockNode, markReady, noteCaches, noteSeen, setCapacity } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { storableJson } from "../platform/storable.ts";
import { applyReport, isNews } from "./apply-report.ts";
import { assignmentsOf, type DescribeServing } from "./assignments.ts";
import { hubTimes } from "./node-time.ts";
import { currentStates, extendLeases } from "./store.ts";

/** What later domains want to hear from heartbeats. */
export interface NodeEvents {
  replica(ctx: Context, report: AttemptReport): Promise<void>;
}

type Heartbeat = Extract<RunnerMessage, { type: "heartbeat" }>;
type Hello = Extract<RunnerMessage, { type: "hello" }>;

/** Of attempts that a node should not run, so many are written down. */
const MAX_STRAYS = 100;

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
  const leaseUntil = new Date(now.getTime() + ctx.settings.leaseMs);
  if (message.type === "hello") await takeHello(ctx, nodeId, message);
  else await takeHeartbeat(ctx, nodeId, message, now, notify);

  await extendLeases(ctx.db, nodeId, leaseUntil);
  // Before its attempts are listed: what is taken back in between is not told of yet.
  const fence = await fencesOf(ctx.db, nodeId);
  const attempts = await assignmentsOf(ctx, nodeId, describeServing);
  const listed = new Set<string>(attempts.map((assignment) => assignment.attempt_id));
  const strays = message.attempts
    .filter((each) => each.state !== "ended" && !listed.has(each.attempt_id))
    .map((each) => each.attempt_id);
  const usage = message.type === "heartbeat" ? message.usage : null;
  const state = await noteSeen(ctx.db, nodeId, now, usage, strays.slice(0, MAX_STRAYS));
  if (state === "lost") await takeBack(ctx, nodeId, message);
  const answers = message.type === "heartbeat" ? message.sent_at : null;
  return { type: "sync", answers, lease_ms: ctx.settings.leaseMs, attempts, fence };
}

/**
 * Invariant 1: a node that was lost gets nothing new while something runs there that was given to others since. Under
 * the node's lock, so that none of its leases runs out between the look and the taking back. A message from before it
 * heard what was taken back, which may come late, says nothing of that.
 */
async function takeBack(ctx: Context, nodeId: string, message: RunnerMessage): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const node = await lockNode(tx, nodeId);
    if (message.fence !== undefined && (message.fence ?? 0) !== node?.fences) return;
    const current = new Set((await currentStates(tx, nodeId)).map((attempt) => attempt.id));
    const runsStale = message.attempts.some(
      (each) => each.state !== "ended" && !current.has(each.attempt_id),
    );
    if (!runsStale) await markReady(tx, nodeId);
  });
}

/** A heartbeat follows at once; it alone says by which clock the reports speak. */
async function takeHello(ctx: Context, nodeId: string, hello: Hello): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await setCapacity(tx, nodeId, hello.capacity, () => ctx.ids.next("device"));
    await emit(ctx, tx, { type: "node.changed", node_id: nodeId as Id<"node"> });
  });
}

/** Most reports say what is known: only news takes a transaction. What is wrong with one stops none of the others. */
async function takeHeartbeat(
  ctx: Context,
  nodeId: string,
  heartbeat: Heartbeat,
  now: Date,
  notify: NodeEvents,
): Promise<void> {
  await noteCaches(ctx, nodeId, heartbeat);
  const current = new Map((await currentStates(ctx.db, nodeId)).map((attempt) => [attempt.id, attempt]));
  const inHubTime = hubTimes(heartbeat.sent_at, now);
  const known = heartbeat.attempts.filter((report) => current.get(report.attempt_id)?.epoch === report.epoch);
  await oneByOne(ctx, known, "reports of a node", async (report) => {
    const attempt = current.get(report.attempt_id);
    if (attempt && isNews(report, attempt))
      await ctx.db.transaction((tx) => applyReport(ctx, tx, nodeId, inHubTime(report)));
    if (report.replica && report.state !== "ended") await notify.replica(ctx, storableJson(report));
  });
}
