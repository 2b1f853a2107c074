import type { Context } from "../../platform/context.ts";
import { readBusyShares } from "./held-share.ts";
import type { Finding } from "./judge.ts";
import { minutesOf } from "./minutes-of.ts";
import { type HeldDevice, heldNow, type RunningAttempt, runningSessions, toldSubjects } from "./store.ts";
import { whoOf } from "./who.ts";

export interface IdleLimits {
  /** below this busy share, 0…1 of what a session holds, a GPU is idle */
  share: number;
  /** how long all of a session's GPUs may be idle */
  lastsMs: number;
}

export const DEFAULT_IDLE: IdleLimits = { share: 0.05, lastsMs: 30 * 60_000 };

/**
 * Sessions that run and leave all of their GPUs idle. Replicas are left out: they wait for calls. A GPU that can't be
 * measured may be busy, and so may one that is shared, if it does more than an idle session could do with its own part.
 * @param stalled  attempts that are told of already as doing nothing at all: of them this is not told as well
 */
export async function findIdleGpus(
  ctx: Context,
  { share, lastsMs }: IdleLimits,
  stalled: ReadonlySet<string>,
): Promise<Finding[]> {
  const held = Map.groupBy(await heldNow(ctx.db), ({ attemptId }) => attemptId);
  const holding = (await runningSessions(ctx.db)).filter(({ attemptId }) => held.has(attemptId));
  const busyShare = await readBusyShares(
    ctx,
    holding.map(({ nodeId }) => nodeId),
  );
  const told = await toldSubjects(ctx.db, "session.idle_gpus");
  const isIdle = (device: HeldDevice, ifUnknown: number) =>
    (busyShare(device) ?? ifUnknown) < (share * device.milli) / 1000;
  const idle = holding.filter(({ attemptId, firstAttemptId }) => {
    // What was told is not over because its node says nothing at the moment.
    const ifUnknown = told.has(firstAttemptId) ? 0 : Number.POSITIVE_INFINITY;
    return (held.get(attemptId) ?? []).every((device) => isIdle(device, ifUnknown));
  });
  const bySession = Map.groupBy(idle, ({ sessionId }) => sessionId);
  return [...bySession.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const wait = stalled.has(first.firstAttemptId) ? Number.POSITIVE_INFINITY : lastsMs;
    return [idleOf(members, first, held.get(first.attemptId) ?? [], { share, lastsMs, wait })];
  });
}

/** A gang, whose members hold the same each, is told of once, whichever of them leave their GPUs idle. */
function idleOf(
  members: readonly RunningAttempt[],
  { firstAttemptId, sessionId, teamId, name }: RunningAttempt,
  devices: readonly HeldDevice[],
  { share, lastsMs, wait }: { share: number; lastsMs: number; wait: number },
): Finding {
  const percent = Math.round(share * 100);
  const [one] = devices;
  const gpus =
    devices.length > 1
      ? `${devices.length} GPUs`
      : one && one.milli < 1000
        ? `${one.milli / 1000} of a GPU`
        : "a GPU";
  const { who, has, holds } = whoOf(members);
  return {
    kind: "session.idle_gpus",
    subject: firstAttemptId,
    teamId,
    nodeId: null,
    sessionId,
    text: `${who} ${holds} ${gpus} and ${has} used less than ${percent} % of that for ${minutesOf(lastsMs)}. It goes on costing credit. Look whether it waits for data or runs on the CPU; podium stop ${name} ends it.`,
    lastsMs: wait,
  };
}
