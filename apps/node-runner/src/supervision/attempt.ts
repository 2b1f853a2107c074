import { type Assignment, type AttemptReport, DomainError } from "@podium/shared";
import { isErrno } from "../data/files.ts";
import { removeFolder } from "../data/remove.ts";
import type { ProcessRef } from "../executors/executor.ts";
import { attemptSource } from "../hub/attempt-source.ts";
import type { OnBehalf } from "../hub/client.ts";
import { type AttemptFolder, attemptFolder, makeAttemptFolder } from "./attempt-folder.ts";
import { type AttemptState, type Cause, newState, saveAssignment, saveState } from "./attempt-state.ts";
import { conclude } from "./conclude.ts";
import type { RunnerContext } from "./context.ts";
import { allPlaces, sessionPlaces } from "./places.ts";
import { localFailure, prepare } from "./prepare.ts";
import { openRecords, type Records } from "./records.ts";
import { sessionEnvironment } from "./session-environment.ts";
import { aborted, SessionRun } from "./session-run.ts";
import type { Spool } from "./spool.ts";

/**
 * One attempt on this machine, from its assignment until the hub has every record of it. `#live` is the story; each
 * step is written down before the next begins, so that another runner can go on from wherever this one dies.
 */
export class Attempt {
  /** Settles when nothing of the attempt runs any more and the hub has all of it, or when it was discarded. */
  readonly life: Promise<void>;
  /** Settles when what an earlier runner left of it is known, and so what it needs of the cache. */
  readonly opened: Promise<void>;
  /** Settles when no process of it is left and its state says so, whatever remains to be sent. */
  readonly gone: Promise<void>;
  #assignment: Assignment;
  readonly #state: AttemptState;
  readonly #folder: AttemptFolder;
  readonly #on: OnBehalf;
  #records: Records | null = null;
  #run: SessionRun | null = null;
  #drained = false;
  #graceMs: number;
  readonly #ending = new AbortController();
  readonly #urgent = new AbortController();
  readonly #discarded = new AbortController();
  #saving: Promise<void> = Promise.resolve();
  #setGone: () => void = () => {};
  #setOpened: () => void = () => {};
  readonly #createdMs: number;

  /** `saved` is what an earlier runner left; without it the attempt begins. */
  constructor(
    private readonly context: RunnerContext,
    assignment: Assignment,
    saved: AttemptState | null,
    private readonly onChange: () => void,
  ) {
    this.#assignment = assignment;
    this.#folder = attemptFolder(context.env.PODIUM_RUNNER_DATA, assignment.attempt_id);
    this.#state = saved ?? newState(context.executor.confined);
    this.#on = { attempt_id: assignment.attempt_id, epoch: assignment.epoch };
    this.#graceMs = assignment.grace_ms;
    this.#createdMs = context.clock.elapsedMs();
    if (this.#state.cause) this.#ending.abort();
    if (this.#state.cause?.type === "discard") this.#discarded.abort();
    const mayRun = !["preparing", "exited", "ended"].includes(this.#state.phase);
    if (mayRun) context.claims.hold(this.id, assignment.devices);
    this.gone = new Promise((resolve) => {
      this.#setGone = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.#setOpened = resolve;
    });
    if (saved && saved.phase !== "ended") this.#keepTrees();
    this.life = this.#live(saved === null).finally(() => this.#setOpened());
  }

  get id() {
    return this.#assignment.attempt_id;
  }
  get epoch() {
    return this.#assignment.epoch;
  }

  /** What the hub shall know. `ended` only once it has every record. */
  report(): AttemptReport {
    const { phase, started_at, ended_at, exit_code, failure, final_seq } = this.#state;
    const isPreparing = phase === "preparing" || phase === "starting";
    const open = isPreparing
      ? "preparing"
      : phase === "running" && !this.#state.cause
        ? "running"
        : "stopping";
    const signature = this.#records?.spool.ready?.signature ?? null;
    const isReady = open === "running" && (this.#run?.isReady ?? false);
    return {
      ...this.#on,
      attempt_id: this.id,
      state: this.#drained ? "ended" : open,
      started_at,
      ended_at,
      exit_code,
      failure,
      final_seq: this.#drained ? final_seq : null,
      replica: this.#assignment.session.kind === "serve" ? { ready: isReady, signature } : null,
    };
  }

  /** The hub's latest word on the attempt. */
  update(assignment: Assignment) {
    this.#assignment = assignment;
    if (assignment.desired === "stop") {
      this.end({ type: "stop", reason: assignment.stop_reason ?? "stopped" }, assignment.grace_ms);
    }
    this.#run?.updateServing(assignment.serving);
  }

  /** Ends the attempt for a reason. The first one stands, except that the hub may still give the attempt up. */
  end(cause: Cause, graceMs: number) {
    if (cause.type === "discard") {
      this.#urgent.abort();
      this.#discarded.abort();
    } else if (this.#state.cause || ["exited", "ended"].includes(this.#state.phase)) return;
    this.#state.cause = cause;
    this.#graceMs = graceMs;
    this.#ending.abort();
    this.onChange();
  }

  /** No more grace: what still runs is killed. */
  hurry() {
    this.#urgent.abort();
  }

  /** Lets go without touching the session: it runs on, and the next runner adopts it. */
  async leave() {
    this.#run?.leave();
    await this.#records?.sender.stop();
  }

  /** Deletes everything that is left of it on this machine. Nothing of it may run any more. */
  async forget() {
    await this.#records?.sender.stop();
    await this.#records?.spool.close();
    await this.context.trees.unmount(this.id);
    await removeFolder(this.#folder.root);
    await removeFolder(this.#folder.socket_folder);
  }

  async #live(isNew: boolean) {
    try {
      const { spool, sender } = await this.#open(isNew);
      this.#setOpened();
      try {
        if (this.#state.phase === "starting") await this.#recoverStart();
        if (this.#state.phase === "preparing") await this.#start(spool);
        else if (this.#process) await this.#adopt(spool);
      } catch (error) {
        this.#fail(error);
      }
      await this.#conclude(spool);
      await Promise.race([sender.drained(this.#state.final_seq ?? 0), aborted(this.#discarded.signal)]);
    } catch (error) {
      // The attempt's own files can't be read or written: there is nothing to drain.
      this.#fail(error);
      await this.context.executor.killAndConfirm(this.id, this.#process, this.#folder.root);
      this.context.claims.release(this.id);
      this.#state.failure ??= localFailure(error);
      this.#state.final_seq ??= 0;
    }
    this.#setGone();
    this.#drained = !this.#discarded.signal.aborted;
    this.onChange();
  }

  async #open(isNew: boolean): Promise<Records> {
    if (isNew) {
      await makeAttemptFolder(this.#folder);
      await saveAssignment(this.#folder, this.#assignment);
      await this.#save({});
    }
    this.#records = await openRecords(this.context, this.#on, this.#folder, {
      onStale: () => this.end({ type: "discard", reason: "a newer attempt has taken over the session" }, 0),
      onTrouble: (error) => this.#fail(error),
    });
    return this.#records;
  }

  /** The runner died between the decision to start the process and writing down its pid. */
  async #recoverStart() {
    const { executor } = this.context;
    const found = await executor.find(this.id, this.#folder.root);
    if (found) return this.#started(found);
    await executor.killAndConfirm(this.id, null, this.#folder.root);
    const ran = (await executor.exitCode(this.#folder.root)) !== null;
    if (!ran) await this.#save({ phase: "preparing" });
  }

  async #start(spool: Spool) {
    const { context, id } = this;
    const assignment = this.#assignment;
    const { hub, blobs, trees, random, metrics, claims, executor } = context;
    const source = attemptSource(hub, this.#on, blobs, random, (bytes) => metrics.fetchedBytes.inc(bytes));
    const places = this.#places();
    if (this.#ending.signal.aborted) return;
    await prepare(assignment, this.#folder, trees, source, this.#ending.signal);
    await claims.claim(id, assignment.devices, this.#ending.signal);
    const devices = context.machine.devices.filter((device) => assignment.devices.includes(device.index));
    await this.#save({ phase: "starting", confined: executor.confined });
    const run = this.#newRun(spool);
    await run.listen();
    const ref = await executor.start({
      attempt_id: id,
      folder: this.#folder.root,
      argv: ["-m", "podium", assignment.entrypoint, ...assignment.args],
      cwd: places.code.inside,
      env: sessionEnvironment(assignment, this.#folder, places, devices),
      places: allPlaces(places),
      devices,
      memory_bytes: assignment.resources.memory_bytes,
      max_processes: context.env.PODIUM_MAX_PROCESSES,
      background: assignment.session.kind !== "serve",
    });
    metrics.startSeconds.observe((context.clock.elapsedMs() - this.#createdMs) / 1000);
    await this.#started(ref);
    await this.#accompany(run, ref);
  }

  async #started(ref: ProcessRef) {
    const { pid, start_time } = ref;
    const started_at = this.context.clock.now().toISOString();
    await this.#save({ phase: "running", process: { pid, start_time }, started_at });
    this.onChange();
  }

  /** A session that an earlier runner started: it may still run, or have ended meanwhile. */
  async #adopt(spool: Spool) {
    const ref = this.#process;
    if (!ref || this.#state.phase === "ended") return;
    const run = this.#newRun(spool);
    if (!this.context.executor.isRunning(ref)) return;
    await run.listen();
    this.context.log.info({ ...this.#on, pid: ref.pid }, "a running session was taken over");
    await this.#accompany(run, ref);
  }

  async #accompany(run: SessionRun, ref: ProcessRef) {
    const { exited, gone } = await run.run(ref, new Date(this.#state.started_at ?? 0));
    const { cause } = this.#state;
    if (!exited.aborted && cause) {
      await this.#save({ phase: "stopping" });
      const reason = cause.type === "failure" ? cause.failure.message : cause.reason;
      await run.end(ref, exited, reason, this.#graceMs);
    }
    await gone;
  }

  /** Nothing runs any more, or nothing must: confirms it, takes in the rest, and judges. May be repeated. */
  async #conclude(spool: Spool) {
    const { executor, claims, clock, blobs } = this.context;
    if (this.#state.phase === "ended") return this.#setGone();
    await executor.killAndConfirm(this.id, this.#process, this.#folder.root);
    claims.release(this.id);
    const exit_code = await executor.exitCode(this.#folder.root);
    await this.#save({
      phase: "exited",
      exit_code,
      ended_at: this.#state.ended_at ?? clock.now().toISOString(),
    });
    this.onChange();
    if (this.#discarded.signal.aborted) return;
    await this.#makeRoom();
    await (this.#run ?? this.#newRun(spool)).settle();
    const { failure, output } = await conclude(this.#assignment, this.#folder, this.#state, spool, blobs);
    if (output && !spool.hasOutput) {
      await spool.append([{ record: { type: "output", at: clock.now().toISOString(), entries: output } }]);
    }
    if (failure) this.context.trees.doubt(this.id);
    await this.#save({ phase: "ended", failure, final_seq: spool.lastSeq });
    this.#setGone();
  }

  /** A full disk stopped the session: its own files go, so that its last records can be written. */
  async #makeRoom() {
    const { cause } = this.#state;
    if (cause?.type !== "failure" || cause.failure.code !== "disk_full") return;
    for (const path of [this.#folder.tmp, this.#folder.home, this.#folder.output]) await removeFolder(path);
  }

  /** What it has mounted must not be evicted, also after a restart. */
  #keepTrees() {
    const { datasets, checkpoint, input } = this.#assignment;
    for (const mounted of [...datasets, checkpoint, input]) {
      if (mounted) this.context.trees.keep(mounted.tree_id, this.id);
    }
  }

  #newRun(spool: Spool): SessionRun {
    this.#run = new SessionRun({
      context: this.context,
      on: this.#on,
      assignment: this.#assignment,
      folder: this.#folder,
      places: this.#places(),
      spool,
      ending: this.#ending.signal,
      urgent: this.#urgent.signal,
      onBreach: (failure, urgency) => {
        if (urgency === "at_once") this.#urgent.abort();
        this.end({ type: "failure", failure }, this.#graceMs);
      },
      onChange: this.onChange,
    });
    return this.#run;
  }

  #fail(error: unknown) {
    if (this.#state.cause) return;
    if (error instanceof DomainError && error.code === "stale_epoch") {
      return this.end({ type: "discard", reason: error.message }, 0);
    }
    const failure = localFailure(error);
    const level = failure.code === "platform_error" ? "error" : "info";
    this.context.log[level]({ err: error, ...this.#on }, failure.message);
    if (isErrno(error, "ENOSPC", "EDQUOT")) this.#urgent.abort();
    this.end({ type: "failure", failure }, 0);
  }

  #places() {
    const { env, trees } = this.context;
    return sessionPlaces({
      folder: this.#folder,
      assignment: this.#assignment,
      confined: this.#state.confined,
      sdkPath: env.PODIUM_SDK_PATH,
      treePath: (treeId) => trees.path(treeId),
    });
  }

  get #process(): ProcessRef | null {
    const { process } = this.#state;
    return process && { attempt_id: this.id, ...process };
  }

  /** Changes the state and waits until the change is on the disk; calls are written in their order. */
  #save(change: Partial<AttemptState>): Promise<void> {
    Object.assign(this.#state, change);
    this.#saving = this.#saving.then(() => saveState(this.#folder, this.#state));
    return this.#saving;
  }
}
