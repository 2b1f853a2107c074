import type { Assignment, AttemptReport, SpoolRecord } from "@podium/shared";
import { type Cause, shownPhase } from "../../../apps/node-runner/src/supervision/attempt-state.ts";
import { failureOf } from "../../../apps/node-runner/src/supervision/outcome.ts";
import type { World } from "../engine/world.ts";
import type { Claims } from "./claims.ts";
import { Draining, type Sending } from "./draining.ts";
import type { Machine, Process, Saved } from "./machine.ts";
import type { Script } from "./script.ts";

const LIMITS = { memory_bytes: 1, disk_bytes: 1, log_bytes: 1, processes: 1 };
const NOTHING = { disk: false, log: false, processes: false };
/** How often the log is read. */
const TAIL_MS = 7_000;
const STEP_MS = 150;

/** What an attempt needs of the runner that it is in. */
export interface Supervision extends Sending {
  readonly link: { poke(): void };
  readonly claims: Claims;
  release(attemptId: string): void;
  forgotten(attemptId: string): void;
}

/**
 * One attempt in one life of its runner, by the rules of the real one (supervision/attempt.ts): each step is on the
 * disk before the next begins, so that another life goes on from wherever this one ends.
 */
export class SimAttempt {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #script: Script;
  readonly #draining: Draining;
  #isDrained = false;
  #isDiscarded = false;
  /** the hub does not list it any more */
  #isUnlisted = false;
  #waitsForDevices = false;
  #concludes = false;

  constructor(
    private readonly runner: Supervision,
    private readonly saved: Saved,
    isTakenOver: boolean,
  ) {
    this.#machine = runner.machine;
    this.#world = runner.machine.sim.world;
    this.#script = runner.machine.sim.scriptOf(saved.assignment.session);
    this.#isDiscarded = saved.state.cause?.type === "discard";
    this.#draining = new Draining(runner, saved, {
      onAcked: () => this.#look(),
      onStale: () => this.end({ type: "discard", reason: "a newer attempt has taken over the session" }, 0),
    });
    if (isTakenOver) this.#then(() => this.#takeOver());
    else this.#then(() => this.#claim(), this.#script.prepareMs);
    this.#tail();
  }

  /** What is on the disk before anything else is done. */
  static begin(machine: Machine, assignment: Assignment): Saved {
    const saved: Saved = {
      assignment,
      spool: [],
      acked: 0,
      taken: 0,
      written: 0,
      state: freshState(machine),
    };
    machine.disk.set(assignment.attempt_id, saved);
    machine.sim.world.tell(
      machine.node.name,
      `prepares ${assignment.attempt_id} of ${assignment.session.id}`,
    );
    return saved;
  }

  get epoch(): number {
    return this.saved.assignment.epoch;
  }
  get id(): string {
    return this.saved.assignment.attempt_id;
  }

  report(): AttemptReport {
    const { state, assignment } = this.saved;
    const { started_at, ended_at, exit_code, failure, final_seq, was_ended } = state;
    return {
      attempt_id: assignment.attempt_id,
      epoch: assignment.epoch,
      state: this.#isDrained ? "ended" : shownPhase(state),
      started_at,
      ended_at,
      exit_code,
      failure,
      final_seq: this.#isDrained ? final_seq : null,
      was_ended: this.#isDrained ? was_ended : null,
      replica: null,
    };
  }

  update(assignment: Assignment): void {
    this.saved.assignment = assignment;
    if (assignment.desired === "stop")
      this.end({ type: "stop", reason: assignment.stop_reason ?? "stopped" }, assignment.grace_ms);
  }

  /** The first cause stands, except that the hub may still give the attempt up. */
  end(cause: Cause, graceMs: number): void {
    const { state } = this.saved;
    if (cause.type === "discard") this.#isDiscarded = true;
    else if (state.cause || ["exited", "ended"].includes(state.phase)) return;
    state.cause = cause;
    this.runner.link.poke();
    const process = this.#process;
    if (!process || process.exitCode !== null || this.#isDiscarded) {
      this.#then(() => this.#conclude());
      return;
    }
    if (state.phase === "running") state.phase = "stopping";
    state.was_ended = true;
    this.#machine.terminate(process);
    this.#then(() => this.#conclude(), graceMs + STEP_MS);
  }

  discard(): void {
    this.#isUnlisted = true;
    this.end({ type: "discard", reason: "the hub does not know it any more" }, 0);
    if (this.#concludes || ["exited", "ended"].includes(this.saved.state.phase))
      this.#then(() => this.#forget());
  }

  onExit(): void {
    this.#then(() => this.#conclude());
  }

  onRelease(): void {
    if (!this.#waitsForDevices) return;
    this.#waitsForDevices = false;
    this.#then(() => this.#claim(), 1);
  }

  #claim(): void {
    const { state, assignment } = this.saved;
    if (state.phase !== "preparing" || state.cause) return;
    if (this.#script.isBroken) {
      const failure = {
        code: "prepare_failed" as const,
        message: "no such tree",
        location: null,
        hint: null,
      };
      this.end({ type: "failure", failure }, 0);
      return;
    }
    const { devices, resources } = assignment;
    this.#waitsForDevices = !this.runner.claims.take(this.id, devices, resources.gpu_milli);
    if (this.#waitsForDevices) return;
    state.phase = "starting";
    this.#then(() => this.#start());
  }

  #start(): void {
    if (this.saved.state.phase !== "starting" || this.#concludes) return;
    this.#machine.start(this.saved.assignment, this.#script);
    this.#then(() => this.#started(), this.#world.between(1, STEP_MS));
  }

  #started(): void {
    const { state } = this.saved;
    if (state.phase !== "starting" || this.#concludes) return;
    state.phase = "running";
    state.handle = this.id;
    state.started_at = this.#now();
    this.runner.link.poke();
    const process = this.#process;
    if (state.cause || process?.exitCode !== null) this.#then(() => this.#conclude());
  }

  /** Goes on from where an earlier life of the runner ended. */
  #takeOver(): void {
    const { state } = this.saved;
    if (state.phase === "starting") {
      if (this.#process) {
        this.#started();
        return;
      }
      state.phase = "preparing";
      this.runner.claims.release(this.id);
    }
    if (state.phase === "preparing" && !state.cause) {
      this.#then(() => this.#claim(), this.#script.prepareMs);
      return;
    }
    const process = this.#process;
    if (!process || process.exitCode !== null || state.cause) this.#then(() => this.#conclude());
  }

  /** Nothing runs any more, or nothing must: confirms it, takes in the rest, and judges. */
  #conclude(): void {
    const { state } = this.saved;
    if (this.#concludes) return;
    this.#concludes = true;
    if (state.phase === "ended") {
      this.#look();
      return;
    }
    if (this.#process?.exitCode === null) state.was_ended = true;
    const exitCode = this.#machine.killAndConfirm(this.id);
    if (state.phase !== "exited") state.exit_code = exitCode;
    state.phase = "exited";
    state.ended_at ??= this.#now();
    this.runner.release(this.id);
    this.runner.link.poke();
    if (this.#isDiscarded) {
      this.#then(() => this.#forget());
      return;
    }
    this.#then(() => this.#judge());
  }

  #judge(): void {
    const { state, spool, assignment } = this.saved;
    if (this.#isDiscarded || state.phase !== "exited") return;
    // Sequence numbers are given out by a disk that takes them.
    if (this.#machine.isFull) {
      this.#then(() => this.#judge(), 500);
      return;
    }
    this.#takeLines();
    state.failure = failureOf({
      cause: state.cause,
      exit_code: state.exit_code,
      reported: null,
      last_line: null,
      machine_restarted: state.boot_id !== String(this.#machine.boots),
      oom: false,
      lost: null,
      ran_into: NOTHING,
      limits: LIMITS,
    });
    const succeeded = state.failure === null && state.cause === null;
    if (succeeded && assignment.session.kind === "infer") this.#takeOutput();
    state.final_seq = spool.length;
    state.phase = "ended";
    this.#look();
  }

  #takeOutput(): void {
    const { spool, state } = this.saved;
    const entries = this.#machine.sim.base.output;
    if (this.#script.predicts)
      this.#append({ type: "output", seq: spool.length + 1, at: this.#now(), entries });
    else
      state.failure = {
        code: "user_error",
        message: "The script wrote no predictions.",
        location: null,
        hint: null,
      };
  }

  /** The end is told once the hub has every record; what the hub gave up is forgotten. */
  #look(): void {
    const { state, acked } = this.saved;
    if (this.#isDiscarded || this.#isDrained || state.phase !== "ended" || state.final_seq === null) return;
    if (acked < state.final_seq) {
      this.#draining.wake();
      return;
    }
    this.#isDrained = true;
    this.runner.link.poke();
  }

  #forget(): void {
    if (!this.#isUnlisted) return;
    this.#draining.stop();
    this.#machine.killAndConfirm(this.id);
    this.runner.release(this.id);
    this.runner.forgotten(this.id);
  }

  #tail(): void {
    this.#then(() => {
      if (this.#isDiscarded || ["exited", "ended"].includes(this.saved.state.phase)) return;
      if (!this.#machine.isFull) this.#takeLines();
      else if (this.saved.taken < this.#machine.linesOf(this.saved)) this.#diskIsFull();
      this.#tail();
    }, TAIL_MS);
  }

  #takeLines(): void {
    const { saved } = this;
    for (; saved.taken < this.#machine.linesOf(saved); saved.taken++) {
      const [seq, at] = [saved.spool.length + 1, this.#now()];
      const saves = this.#script.savesAtLine === saved.taken;
      const entries = this.#machine.sim.base.checkpoint;
      if (saves) this.#append({ type: "checkpoint", seq, at, name: "best", entries, metrics: {} });
      else this.#append({ type: "log", seq, at, text: `line ${saved.taken} of ${this.id}` });
    }
    this.#draining.wake();
  }

  #append(record: SpoolRecord): void {
    this.saved.spool.push(record);
  }

  #diskIsFull(): void {
    const failure = {
      code: "platform_error" as const,
      message: "The machine's disk is full.",
      location: null,
      hint: null,
    };
    this.end({ type: "failure", failure, make_room: true }, 0);
  }

  get #process(): Process | undefined {
    return this.#machine.processes.get(this.id);
  }

  #now(): string {
    return new Date(this.#machine.clockMs()).toISOString();
  }

  /** Later in this life of the runner; never in another one. */
  #then(step: () => void, delayMs = this.#world.between(1, STEP_MS)): void {
    this.#world.after(delayMs, () => {
      if (!this.runner.isDead && this.#machine.disk.get(this.id) === this.saved) step();
    });
  }
}

function freshState(machine: Machine): Saved["state"] {
  return {
    phase: "preparing",
    executor: "process",
    handle: null,
    was_ended: false,
    boot_id: String(machine.boots),
    confined: true,
    environment: null,
    started_at: null,
    ended_at: null,
    exit_code: null,
    oom: false,
    lost: null,
    cause: null,
    failure: null,
    final_seq: null,
  };
}
