import { Scheduler, type Turn } from "./scheduler.ts";
import type { NodeSupply, Pending, Reservation, Snapshot } from "./snapshot.ts";
import { turns } from "./turns.ts";

export interface Decision extends Turn {
  reservations: Reservation[];
  /** Sessions that stay, in the order of their turns. */
  waiting: Pending[];
  /** What the nodes have left beside what was placed (see explain.ts). */
  left: NodeSupply[];
}

/** Decides which pending sessions start where. Pure and deterministic: a scheduler is told the state, and asked once. */
export function decide(snapshot: Snapshot): Decision {
  const scheduler = schedulerOf(snapshot);
  const turn = scheduler.decide(snapshot.now);
  const waiting = [...turns(scheduler.waiting.all(), scheduler.waiting.usage)];
  return { ...turn, reservations: scheduler.reservations(), waiting, left: scheduler.left() };
}

/** A scheduler that knows what the snapshot says. */
export function schedulerOf(snapshot: Snapshot): Scheduler {
  const scheduler = new Scheduler(snapshot);
  for (const running of snapshot.running) scheduler.note(running);
  for (const node of snapshot.nodes) scheduler.setNode(node);
  for (const session of snapshot.pending) scheduler.submit(session);
  return scheduler;
}
