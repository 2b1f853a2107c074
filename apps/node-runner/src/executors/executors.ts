import type { Executor, ExecutorName } from "./executor.ts";

/** The executors of this machine: one runs new sessions, each looks after those that were started with it. */
export class Executors {
  constructor(
    /** runs new sessions */
    readonly chosen: Executor,
    private readonly others: readonly Executor[] = [],
  ) {}

  get all(): Executor[] {
    return [this.chosen, ...this.others];
  }

  /** The one that a session was started with. Throws when this machine does not have it any more. */
  named(name: ExecutorName): Executor {
    const found = this.all.find((executor) => executor.name === name);
    if (found) return found;
    throw new Error(
      `A session was started with the ${name} executor, which this runner can't use any more; start the runner with PODIUM_EXECUTOR=${name} until the session has ended.`,
    );
  }
}
