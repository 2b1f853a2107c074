import type { PodiumEvent } from "@podium/shared";
import { describe } from "../engine/world.ts";
import { isInjected } from "../faults/injected.ts";
import type { Stage } from "../stage.ts";

interface Job {
  id: string;
  name: string;
  data: unknown;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;
/** A worker that died is noticed after this long, and its job is done again. */
const STALLED_MS = 8_000;

/**
 * The queue between events and reactions: every job is done at least once, in any order, by any hub. A job known by
 * its id is not added twice; one that fails is tried again.
 */
export class SimQueue {
  /** jobs that have not been done yet */
  open = 0;
  readonly #known = new Set<string>();

  constructor(private readonly sim: Stage) {}

  add(jobs: readonly Job[]): void {
    const { world, faults } = this.sim;
    for (const job of jobs) {
      if (this.#known.has(job.id)) continue;
      this.#known.add(job.id);
      this.open += 1;
      const late = faults.has("late jobs") && world.oneIn(4);
      world.after(late ? world.between(1_000, 40_000) : world.between(5, 400), () => this.#do(job, 1));
      // A worker that was thought to hang, and did not: the job is done by two.
      if (faults.has("repeated jobs") && world.oneIn(4)) {
        this.open += 1;
        world.after(world.between(5, 20_000), () => this.#do(job, 1));
      }
    }
  }

  async #do(job: Job, time: number): Promise<void> {
    const { world, subscribers } = this.sim;
    const hub = this.sim.anyHub();
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** time, LONGEST_RETRY_MS);
    if (!hub) return world.after(retryMs, () => this.#do(job, time));
    const handler = subscribers.find(({ name }) => name === job.name);
    if (!handler) throw new Error(`no subscriber is called ${job.name}`);
    let isSettled = false;
    this.#watch(
      () => isSettled,
      () => hub.isDead,
      () => this.#do(job, time + 1),
    );
    try {
      await handler.handle(hub.as({ kind: "system" }), job.data as PodiumEvent);
      this.open -= 1;
    } catch (error) {
      if (!isInjected(error)) world.violate(`job ${job.name}: ${describe(error)}`);
      world.after(retryMs, () => this.#do(job, time + 1));
    }
    isSettled = true;
  }

  /** Looks after a job whose worker may die over it. */
  #watch(isSettled: () => boolean, isDead: () => boolean, again: () => Promise<void>): void {
    this.sim.world.after(STALLED_MS, () => {
      if (isSettled()) return;
      return isDead() ? again() : this.#watch(isSettled, isDead, again);
    });
  }
}
