import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Assignment, AttemptReport, HubMessage } from "@podium/shared";
import { removeFolder } from "../data/remove.ts";
import { unmountBelow } from "../scratch/mounts.ts";
import { Attempt } from "./attempt.ts";
import { attemptFolder } from "./attempt-folder.ts";
import { loadAttempt } from "./attempt-state.ts";
import type { RunnerContext } from "./context.ts";

type Sync = Extract<HubMessage, { type: "sync" }>;

/**
 * Makes what runs on this machine what the hub says should run. Level-triggered: every `sync` is the whole truth, so
 * none that is lost, repeated or late does harm.
 */
export class Supervisor {
  readonly #attempts = new Map<string, Attempt>();
  readonly #forgetting = new Set<string>();
  #closing = false;

  constructor(
    private readonly context: RunnerContext,
    private readonly onChange: () => void,
  ) {}

  /**
   * Takes over what an earlier runner left: adopts what runs, finishes what ended. When it returns, all that they need
   * of the cache is kept from eviction.
   */
  async resume() {
    const root = join(this.context.env.PODIUM_RUNNER_DATA, "attempts");
    await mkdir(root, { recursive: true, mode: 0o700 });
    const ids = (await readdir(root)).filter((id) => /^att_[0-9a-f]{32}$/.test(id));
    for (const executor of this.context.executors.all) await executor.sweep(new Set(ids));
    for (const id of ids) {
      const saved = await loadAttempt(attemptFolder(this.context.env.PODIUM_RUNNER_DATA, id)).catch(
        (error) => {
          this.context.log.error({ err: error, attempt_id: id }, "the files of an attempt are damaged");
          return null;
        },
      );
      if (saved)
        this.#attempts.set(id, new Attempt(this.context, saved.assignment, saved.state, this.onChange));
      else this.#bury(id);
    }
    await Promise.all([...this.#attempts.values()].map((attempt) => attempt.opened));
  }

  attempt(id: string): Attempt | undefined {
    return this.#attempts.get(id);
  }

  reports(): AttemptReport[] {
    return [...this.#attempts.values()].map((attempt) => attempt.report());
  }

  reconcile(sync: Sync) {
    if (this.#closing) return;
    const listed = new Map(sync.attempts.map((assignment) => [assignment.attempt_id as string, assignment]));
    for (const [id, assignment] of listed) this.#reconcileOne(id, assignment);
    for (const [id, attempt] of this.#attempts) {
      if (!listed.has(id)) this.#discard(id, attempt, "the hub does not know it any more");
    }
    for (const [state, count] of this.#counts()) this.context.metrics.attempts.set({ state }, count);
  }

  /** Ends every session (politely for `graceMs`) and resolves when no process is left. */
  async stopAll(graceMs: number) {
    this.#closing = true;
    const failure = {
      code: "node_lost" as const,
      message: "The runner on the session's machine was shut down.",
      location: null,
      hint: null,
    };
    const attempts = [...this.#attempts.values()];
    for (const attempt of attempts) attempt.end({ type: "failure", failure }, graceMs);
    await Promise.all(attempts.map((attempt) => attempt.gone));
  }

  /** Cuts every grace period short. */
  hurry() {
    for (const attempt of this.#attempts.values()) attempt.hurry();
  }

  /** Resolves when the hub has all records of all attempts that have ended. */
  async drained() {
    await Promise.all([...this.#attempts.values()].map((attempt) => attempt.life));
  }

  /** Lets go of everything; sessions that run go on running. */
  async leaveAll() {
    this.#closing = true;
    await Promise.all([...this.#attempts.values()].map((attempt) => attempt.leave()));
  }

  #reconcileOne(id: string, assignment: Assignment) {
    const attempt = this.#attempts.get(id);
    if (!attempt) {
      // Its folder may still be on its way out; the next sync brings it again.
      if (this.#forgetting.has(id)) return;
      const begun = new Attempt(this.context, assignment, null, this.onChange);
      this.#attempts.set(id, begun);
      begun.update(assignment);
      this.onChange();
    } else if (attempt.epoch !== assignment.epoch) this.#discard(id, attempt, "it was replaced");
    else attempt.update(assignment);
  }

  #discard(id: string, attempt: Attempt, reason: string) {
    if (this.#forgetting.has(id)) return;
    this.#forgetting.add(id);
    attempt.end({ type: "discard", reason }, 0);
    const forgotten = async () => {
      await attempt.life;
      await attempt.forget();
      this.#attempts.delete(id);
      this.#forgetting.delete(id);
      this.onChange();
    };
    forgotten().catch((error) =>
      this.context.log.error({ err: error, attempt_id: id }, "cleaning up failed"),
    );
  }

  /** An attempt of which nothing readable is left: whatever runs of it is killed. */
  #bury(id: string) {
    this.#forgetting.add(id);
    const gone = this.#kill(id).finally(() => this.#forgetting.delete(id));
    gone.catch((error) => this.context.log.error({ err: error, attempt_id: id }, "cleaning up failed"));
  }

  async #kill(id: string) {
    const { root, socket_folder } = attemptFolder(this.context.env.PODIUM_RUNNER_DATA, id);
    for (const executor of this.context.executors.all) {
      await executor.killAndConfirm({ attempt_id: id, folder: root, handle: null });
    }
    const trash = join(this.context.env.PODIUM_RUNNER_DATA, "tmp", id);
    await unmountBelow(root);
    await rename(root, trash);
    await removeFolder(trash);
    await removeFolder(socket_folder);
  }

  #counts() {
    const counts = new Map<string, number>([
      ["preparing", 0],
      ["running", 0],
      ["stopping", 0],
      ["ended", 0],
    ]);
    for (const { state } of this.reports()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }
}
