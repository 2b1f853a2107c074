import type { Context } from "../../platform/context.ts";
import { readBusyShares } from "./held-share.ts";
import type { Finding } from "./judge.ts";
import { type HeldDevice, heldNow, runningSessions, toldSubjects } from "./store.ts";

export interface IdleLimits {
  /** below this busy share, 0…1 of what a session holds, a GPU is idle */
  share: number;
  /** how long all of a session's GPUs may be idle */
  lastsMs: number;
}

export const DEFAULT_IDLE: IdleLimits = { share: 0.05, lastsMs: 30 * 60_000 };

type Running = Awaited<ReturnType<typeof runningSessions>>[number];

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
  return holding.flatMap((session) => {
    const devices = held.get(session.attemptId) ?? [];
    // What was told is not over because its node says nothing at the moment.
    const ifUnknown = told.has(session.attemptId) ? 0 : Number.POSITIVE_INFINITY;
    if (!devices.every((device) => isIdle(device, ifUnknown))) return [];
    const wait = stalled.has(session.attemptId) ? Number.POSITIVE_INFINITY : lastsMs;
    return [idleOf(session, devices, share, { lastsMs, wait })];
  });
}

function idleOf(
  { attemptId, sessionId, teamId, name }: Running,
  devices: readonly HeldDevice[],
  share: number,
  { lastsMs, wait }: { lastsMs: number; wait: number },
): Finding {
  const [percent, minutes] = [Math.round(share * 100), Math.round(lastsMs / 60_000)];
  const [one] = devices;
  const gpus =
    devices.length > 1
      ? `${devices.length} GPUs`
      : one && one.milli < 1000
        ? `${one.milli / 1000} of a GPU`
        : "a GPU";
  return {
    kind: "session.idle_gpus",
    subject: attemptId,
    teamId,
    nodeId: null,
    sessionId,
    text: `${name} holds ${gpus} and has used less than ${percent} % of that for ${minutes} minutes. It goes on costing credit. Look whether it waits for data or runs on the CPU; podium stop ${name} ends it.`,
    lastsMs: wait,
  };
}
