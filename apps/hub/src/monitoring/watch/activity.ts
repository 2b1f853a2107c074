/** Below this share of one core, or of a GPU, nothing is being worked on. */
const IDLE_SHARE = 0.01;

/** What an attempt had done when it was last looked at. */
export interface Activity {
  ackedSeq: number;
  cpuMs: number;
  seenAt: Date;
  activeAt: Date;
}

/** What it has done by now. */
export interface Signs {
  /** records that arrived: lines of the log, metrics, checkpoints, progress */
  ackedSeq: number;
  /** processor time of all its processes; null when its node does not say */
  cpuMs: number | null;
  /** highest busy share (0…1) of its GPUs since; null when they can't be measured, 0 without any */
  gpuShare: number | null;
}

/**
 * When the attempt was last active, in the light of what it has done since it was last looked at. What can't be measured
 * counts as activity: nobody is told of a stall that may be none.
 */
export function activityOf(known: Activity | null, signs: Signs, now: Date): Activity {
  const isActive = known === null || isBusy(known, signs, now);
  return {
    ackedSeq: signs.ackedSeq,
    cpuMs: signs.cpuMs ?? 0,
    seenAt: now,
    activeAt: isActive ? now : known.activeAt,
  };
}

function isBusy(known: Activity, signs: Signs, now: Date): boolean {
  if (signs.cpuMs === null || signs.gpuShare === null) return true;
  if (signs.ackedSeq > known.ackedSeq || signs.gpuShare > IDLE_SHARE) return true;
  // A count that fell was begun anew by another runner: it says nothing about the time between.
  const elapsedMs = now.getTime() - known.seenAt.getTime();
  return signs.cpuMs > known.cpuMs && signs.cpuMs - known.cpuMs > IDLE_SHARE * elapsedMs;
}
