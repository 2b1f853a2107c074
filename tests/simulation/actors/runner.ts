import type { Assignment, AttemptReport, HubMessage } from "@podium/shared";
import type { Runner } from "../stage.ts";
import { Claims } from "./claims.ts";
import { SimControlLink } from "./control-link.ts";
import type { Machine } from "./machine.ts";
import { SimAttempt } from "./runner-attempt.ts";

type Sync = Extract<HubMessage, { type: "sync" }>;

/** One life of a runner, by the rules of the real one (supervision/supervisor.ts). What it must remember is on the machine's disk. */
export class SimRunner implements Runner {
  isDead = false;
  readonly #attempts = new Map<string, SimAttempt>();
  readonly #forgetting = new Set<string>();
  readonly link: SimControlLink;
  readonly claims = new Claims();

  constructor(readonly machine: Machine) {
    const { sim, disk, node } = machine;
    for (const { assignment, state } of disk.values()) {
      if (!["preparing", "exited", "ended"].includes(state.phase))
        this.claims.hold(assignment.attempt_id, assignment.devices, assignment.resources.gpu_milli);
    }
    this.link = new SimControlLink(sim, {
      node,
      clockMs: () => machine.clockMs(),
      capacity: () => machine.capacity,
      attempts: () => this.reports(),
      onSync: (sync) => this.#reconcile(sync),
    });
    for (const [id, saved] of disk) this.#attempts.set(id, new SimAttempt(this, saved, true));
  }

  die(): void {
    this.isDead = true;
    this.link.close();
  }

  reports(): AttemptReport[] {
    return [...this.#attempts.values()].map((attempt) => attempt.report());
  }

  onExit(attemptId: string): void {
    this.#attempts.get(attemptId)?.onExit();
  }

  /** Tells those that wait for a device that one is free. */
  release(attemptId: string): void {
    this.claims.release(attemptId);
    for (const attempt of this.#attempts.values()) attempt.onRelease();
  }

  /** Nothing of the attempt is left on this machine. */
  forgotten(attemptId: string): void {
    this.machine.disk.delete(attemptId);
    this.#attempts.delete(attemptId);
    this.#forgetting.delete(attemptId);
    this.link.poke();
  }

  #reconcile(sync: Sync): void {
    if (this.isDead) return;
    const listed = new Map(sync.attempts.map((assignment) => [assignment.attempt_id as string, assignment]));
    for (const [id, assignment] of listed) this.#reconcileOne(id, assignment);
    for (const [id, attempt] of this.#attempts) if (!listed.has(id)) this.#discard(id, attempt);
  }

  #reconcileOne(id: string, assignment: Assignment): void {
    const attempt = this.#attempts.get(id);
    if (attempt) {
      if (attempt.epoch === assignment.epoch) attempt.update(assignment);
      else this.#discard(id, attempt);
      return;
    }
    if (this.#forgetting.has(id)) return;
    const saved = SimAttempt.begin(this.machine, assignment);
    const begun = new SimAttempt(this, saved, false);
    this.#attempts.set(id, begun);
    begun.update(assignment);
    this.link.poke();
  }

  #discard(id: string, attempt: SimAttempt): void {
    if (this.#forgetting.has(id)) return;
    this.#forgetting.add(id);
    this.machine.sim.world.tell(this.machine.node.name, `drops ${id}`);
    attempt.discard();
  }
}
