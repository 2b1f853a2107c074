import type { NodeUsage } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { activityOf, type Signs } from "./activity.ts";
import { readBusyShares } from "./held-share.ts";
import type { Finding } from "./judge.ts";
import { minutesOf } from "./minutes-of.ts";
import { heldNow, type RunningAttempt, runningSessions, saveActivity } from "./store.ts";
import { whoOf } from "./who.ts";

/**
 * Sessions that run without a line of log, a metric, work of their processes or of their GPUs for `stallMs`.
 * @param usages  what the nodes said last, by id; nodes that are silent are not in it
 */
export async function findStalls(
  ctx: Context,
  usages: ReadonlyMap<string, NodeUsage>,
  stallMs: number,
): Promise<Finding[]> {
  const now = ctx.clock.now();
  const running = await runningSessions(ctx.db);
  const held = Map.groupBy(await heldNow(ctx.db), ({ attemptId }) => attemptId);
  const itsNodes = running.filter(({ attemptId }) => held.has(attemptId)).map(({ nodeId }) => nodeId);
  const busyShare = await readBusyShares(ctx, itsNodes);
  // The work of those that share a GPU with it counts as its own: nobody is told of a stall that may be none.
  const gpuShare = ({ attemptId }: RunningAttempt) =>
    Math.max(
      0,
      ...(held.get(attemptId) ?? []).map((device) => busyShare(device) ?? Number.POSITIVE_INFINITY),
    );
  const seen = running.map((session) => {
    const share = gpuShare(session);
    const signs: Signs = {
      ackedSeq: session.ackedSeq,
      cpuMs: cpuMsOf(usages.get(session.nodeId), session.attemptId),
      gpuShare: Number.isFinite(share) ? share : null,
    };
    return { session, activity: activityOf(session.activity, signs, now) };
  });
  const rows = seen.map(({ session, activity }) => ({ attemptId: session.attemptId, ...activity }));
  await ctx.db.transaction((tx) => saveActivity(tx, rows));
  const stuck = seen.filter(({ activity }) => now.getTime() - activity.activeAt.getTime() >= stallMs);
  const bySession = Map.groupBy(stuck, ({ session }) => session.sessionId);
  return [...bySession.values()].flatMap((members) =>
    stallOf(
      members.map(({ session }) => session),
      stallMs,
    ),
  );
}

function cpuMsOf(usage: NodeUsage | undefined, attemptId: string): number | null {
  return usage?.attempts.find((each) => each.attempt_id === attemptId)?.cpu_ms ?? null;
}

/** A gang is told of once, whichever of its members are stuck. */
function stallOf(members: readonly RunningAttempt[], stallMs: number): Finding[] {
  const [first] = members;
  if (!first) return [];
  const { firstAttemptId, sessionId, teamId, name } = first;
  const { who, has } = whoOf(members);
  const finding: Finding = {
    kind: "session.stalled",
    subject: firstAttemptId,
    teamId,
    nodeId: null,
    sessionId,
    text: `${who} ${has} done nothing for ${minutesOf(stallMs)}: no log, no metric, no work of its CPUs and GPUs. It goes on costing credit. Look at its log; podium stop ${name} ends it.`,
    lastsMs: 0,
  };
  return [finding];
}
