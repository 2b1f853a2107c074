import type { ReplicaStep } from "@podium/shared";

/** What becomes of the calls of a binding that has no replica. */
export class Hold {
  /** the binding may be without a replica for long: a call has one started */
  sleeps = false;
  /** what they wait for, as the hub said last */
  step: ReplicaStep = "waking";
  detail: string | null = null;

  /** @param onHeld called for every call that finds no replica */
  constructor(readonly onHeld: () => void) {}
}
