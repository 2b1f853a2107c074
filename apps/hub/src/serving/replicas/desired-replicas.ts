/** Calls of one binding at all gateways, averaged over their last second. */
export interface Load {
  queued: number;
  inFlight: number;
}

export interface ScalingSettings {
  minReplicas: number;
  maxReplicas: number;
  /** calls, waiting or being answered, that one replica is thought to carry */
  targetLoad: number;
  scaleDownMs: number;
  idleMs: number;
}

/** What a turn leaves for the next. Times are milliseconds since the epoch. */
export interface ScalingMemory {
  wanted: number;
  dipSince: number | null;
  dipPeak: number;
  busyAt: number | null;
}

/**
 * How many replicas a binding shall have: by Little's law the calls inside (waiting and being answered) are arrival
 * rate × time spent, so `ceil(inside / targetLoad)` replicas keep both where they are. More are wanted at once. Fewer
 * only after they would have been enough for `scaleDownMs`, and then as many as the most that was needed in that time
 * (the stabilisation window of Kubernetes' HPA and Knative's KPA); none only after `idleMs` without any call.
 * @param load null: no gateway has said anything lately, which is no reason to take replicas away
 * @param now milliseconds since the epoch
 */
export function desiredReplicas(
  load: Load | null,
  settings: ScalingSettings,
  memory: ScalingMemory,
  now: number,
): ScalingMemory {
  const { minReplicas, maxReplicas, targetLoad, scaleDownMs, idleMs } = settings;
  const clamp = (count: number) => Math.min(maxReplicas, Math.max(minReplicas, count));
  if (!load) return { ...memory, wanted: clamp(memory.wanted) };

  const inside = load.queued + load.inFlight;
  const busyAt = inside > 0 ? now : (memory.busyAt ?? now);
  const steady = { dipSince: null, dipPeak: 0, busyAt };
  if (inside === 0 && minReplicas === 0 && now - busyAt >= idleMs) return { wanted: 0, ...steady };

  // Whoever has replicas and no calls yet keeps one until the idle time is over; whoever has none needs none.
  const needed = inside === 0 ? Math.min(1, memory.wanted) : Math.ceil(inside / targetLoad);
  const enough = clamp(needed);
  const before = clamp(memory.wanted);
  if (enough >= before) return { wanted: enough, ...steady };

  const dipSince = memory.dipSince ?? now;
  const dipPeak = memory.dipSince === null ? enough : clamp(Math.max(memory.dipPeak, enough));
  if (now - dipSince < scaleDownMs) return { wanted: before, dipSince, dipPeak, busyAt };
  const wanted = Math.min(before, dipPeak);
  return enough < wanted ? { wanted, dipSince: now, dipPeak: enough, busyAt } : { wanted, ...steady };
}
