import { DomainError } from "@podium/shared";
import type { Machine, Saved } from "./machine.ts";

const MOST = 20;
const LONGEST_BACKOFF_MS = 5_000;

/** The runner that sends. */
export interface Sending {
  readonly machine: Machine;
  readonly isDead: boolean;
}

/** Ships a spool to the hub in order, for as long as it takes, by the rules of the real sender (supervision/sender.ts). */
export class Draining {
  #isPosting = false;
  #isStopped = false;
  #backoffMs = 200;

  constructor(
    private readonly runner: Sending,
    private readonly saved: Saved,
    private readonly on: { onAcked(): void; onStale(): void },
  ) {
    this.wake();
  }

  stop(): void {
    this.#isStopped = true;
  }

  wake(): void {
    if (this.#isPosting || this.#isStopped || this.saved.acked >= this.saved.spool.length) return;
    this.#isPosting = true;
    void this.runner.machine.sim.world.after(this.runner.machine.sim.network.delayMs(), () => this.#post());
  }

  async #post(): Promise<void> {
    const { sim, node } = this.runner.machine;
    const { world, network } = sim;
    const { acked, spool, assignment } = this.saved;
    if (this.#isOver()) return;
    const hub = sim.anyHub();
    if (!hub || network.isCut(node.name) || network.loses()) return this.#again();
    const records = spool.slice(acked, acked + MOST);
    const call = () => sim.storeRecords(hub, node, assignment, records);
    // The answer is lost, or a proxy asks twice: the same records come again.
    if (sim.faults.has("repeated messages") && world.oneIn(8))
      world.after(world.between(1, 15_000), () => call().then(ignore, ignore));
    let isAnswered = false;
    world.after(10_000, () => {
      if (!isAnswered) this.#again();
      isAnswered = true;
    });
    try {
      const stored = await call();
      if (isAnswered) return;
      isAnswered = true;
      if (network.loses() || network.isCut(node.name)) return this.#again();
      world.after(network.delayMs(), () => this.#acked(stored));
    } catch (error) {
      if (isAnswered) return;
      isAnswered = true;
      if (!(error instanceof DomainError)) return this.#again();
      if (error.code !== "stale_epoch")
        world.violate(`records of ${assignment.attempt_id} are refused: ${error.message}`);
      if (!this.runner.isDead) this.on.onStale();
    }
  }

  #acked(seq: number): void {
    this.#isPosting = false;
    if (this.#isOver()) return;
    if (seq < this.saved.acked)
      this.runner.machine.sim.world.violate(
        `invariant 7: the hub holds ${seq} records of ${this.saved.assignment.attempt_id} and has acknowledged ${this.saved.acked}`,
      );
    this.saved.acked = Math.max(this.saved.acked, seq);
    this.#backoffMs = 200;
    this.on.onAcked();
    this.wake();
  }

  #again(): void {
    this.runner.machine.sim.world.after(this.#backoffMs, () => {
      this.#isPosting = false;
      if (!this.#isOver()) this.wake();
    });
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
  }

  #isOver(): boolean {
    return this.#isStopped || this.runner.isDead;
  }
}

const ignore = () => undefined;
