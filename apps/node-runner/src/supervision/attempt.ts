import { type Assignment, type AttemptReport, DomainError } from "@podium/shared";
import { isErrno } from "../data/files.ts";
import { removeFolder } from "../data/remove.ts";
import type { Executor, Launched } from "../executors/executor.ts";
import type { Terminal, TerminalSize } from "../executors/terminal.ts";
import { attemptSource } from "../hub/attempt-source.ts";
import type { OnBehalf } from "../hub/client.ts";
import { removeWithMounts } from "../scratch/scratch.ts";
import { type AttemptFolder, attemptFolder, makeAttemptFolder, makeRoom } from "./attempt-folder.ts";
import { reportOf } from "./attempt-report.ts";
import { type AttemptState, type Cause, newState, saveAssignment, saveState } from "./attempt-state.ts";
import { conclude, limitsOf } from "./conclude.ts";
import type { RunnerContext } from "./context.ts";
import { launchSpec } from "./launch-spec.ts";
import { sessionPlaces } from "./places.ts";
import { localFailure, prepare } from "./prepare.ts";
import { droppedImageNotice, prepareEnvironment } from "./prepare-environment.ts";
import { openRecords, type Records } from "./records.ts";
import { aborted, SessionRun } from "./session-run.ts";
import type { Spool } from "./spool.ts";
import { stopNotice } from "./stop-notice.ts";

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
  readonly #foundFull = new AbortController();
  #isOver = false;
  /** Settles when its disk is made; nobody fills or removes it before. */
  #disk: Promise<void> | null = null;
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
    this.#state = saved ?? newState(context.executors.chosen);
    this.#on = { attempt_id: assignment.attempt_id, epoch: assignment.epoch };
    this.#graceMs = assignment.grace_ms;
    this.#createdMs = context.clock.elapsedMs();
    if (this.#state.cause) this.#ending.abort();
    if (this.#state.cause?.type === "discard") this.#discarded.abort();
    const mayRun = !["preparing", "exited", "ended"].includes(this.#state.phase);
    if (mayRun) context.claims.hold(this.id, assignment.devices, assignment.resources.gpu_milli);
    if (this.#state.environment) context.environments.keep(this.#state.environment, this.id);
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

  /** What the hub shall know. */
  report(): AttemptReport {
    const signature = this.#records?.spool.ready?.signature ?? null;
    const replica = { ready: this.#run?.isReady ?? false, signature };
    return reportOf(this.#assignment, this.#state, this.#drained, replica);
  }

  /** The hub's latest word on the attempt. */
  update(assignment: Assignment) {
    this.#assignment = assignment;
    if (assignment.desired === "stop") {
      this.end({ type: "stop", reason: assignment.stop_reason ?? "stopped" }, assignment.grace_ms);
    }
    this.#run?.update(assignment);
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

  /** A shell beside the running session. @throws DomainError `conflict` when it does not run */
  async enter(size: TerminalSize, onData: (bytes: Uint8Array) => void): Promise<Terminal> {
    const launched = this.#launched;
    if (!launched || !this.running)
      throw new DomainError("conflict", "The session does not run here any more.");
    return this.#executor.enter(launched, this.#spec(null), size, onData);
  }

  /** What goes on around its process; null while that does not run. */
  get running(): SessionRun | null {
    return this.report().state === "running" ? this.#run : null;
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
    this.context.environments.release(this.id);
    await removeWithMounts(this.#folder.root);
    await removeFolder(this.#folder.socket_folder);
  }

  async #live(isNew: boolean) {
    try {
      const { spool, sender } = await this.#open(isNew);
      this.#setOpened();
      try {
        if (this.#state.phase === "starting") await this.#recoverStart();
        if (this.#state.phase === "preparing") await this.#start(spool);
        else if (this.#launched) await this.#adopt(spool);
      } catch (error) {
        this.#fail(error);
      }
      await this.#conclude(spool);
      await Promise.race([sender.drained(this.#state.final_seq ?? 0), aborted(this.#discarded.signal)]);
    } catch (error) {
      // The attempt's own files can't be read or written: there is nothing to drain.
      this.#fail(error);
      await this.#executor.killAndConfirm({ ...this.#ref, handle: this.#state.handle });
      await this.#disk?.catch(() => {});
      await this.context.scratch.clear(this.#folder).catch(() => {});
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
      void this.#makeDisk();
      await Promise.all([saveAssignment(this.#folder, this.#assignment), this.#save({})]);
    } else if (this.#state.phase !== "preparing") await this.context.scratch.restore(this.#folder);
    this.#records = await openRecords(this.context, this.#on, this.#folder, {
      onStale: () => this.end({ type: "discard", reason: "a newer attempt has taken over the session" }, 0),
      onTrouble: (error) => this.#fail(error),
    });
    return this.#records;
  }

  /** The runner died between the decision to start the process and writing down its pid. */
  async #recoverStart() {
    const found = await this.#executor.find(this.#ref);
    if (found) return this.#started(found);
    const { exit_code } = await this.#executor.killAndConfirm({ ...this.#ref, handle: null });
    if (exit_code === null) await this.#save({ phase: "preparing" });
  }

  async #start(spool: Spool) {
    const { context, id } = this;
    const assignment = this.#assignment;
    const { hub, blobs, random, metrics, claims, faults } = context;
    const executor = context.executors.chosen;
    const { signal } = this.#ending;
    const source = attemptSource(hub, this.#on, blobs, random, (bytes) => metrics.fetchedBytes.inc(bytes));
    const measured = context.fetches.measured(source);
    if (signal.aborted) return;
    const say = (text: string) => void spool.append([{ record: { type: "log", at: this.#now(), text } }]);
    if (assignment.dropped_image && spool.lastSeq === 0) say(droppedImageNotice(assignment.dropped_image));
    const disk = this.#disk ?? this.#makeDisk();
    const entries = await prepare(context, assignment, this.#folder, disk, executor.owner, measured, signal);
    const code = { folder: this.#folder.code, entries };
    const { image, environment } = await prepareEnvironment(context, executor, assignment, code, say, signal);
    await faults.reach("image ready");
    await claims.claim(id, assignment.devices, signal, assignment.resources.gpu_milli);
    const { name, confined } = executor;
    await this.#save({ phase: "starting", executor: name, confined, environment });
    await faults.reach("starting");
    const run = this.#newRun(spool);
    await run.listen();
    const launched = await executor.start(this.#spec(image));
    await faults.reach("started");
    metrics.startSeconds.observe((context.clock.elapsedMs() - this.#createdMs) / 1000);
    await this.#started(launched);
    await this.#accompany(run, launched);
  }

  async #started({ handle }: Launched) {
    await this.#save({ phase: "running", handle, started_at: this.#now() });
    this.onChange();
  }

  /** A session that an earlier runner started: it may still run, or have ended meanwhile. */
  async #adopt(spool: Spool) {
    const launched = this.#launched;
    if (!launched || this.#state.phase === "ended") return;
    const run = this.#newRun(spool);
    if (!(await this.#executor.isRunning(launched))) return;
    await run.listen();
    this.context.log.info({ ...this.#on, handle: launched.handle }, "a running session was taken over");
    await this.#accompany(run, launched);
  }

  async #accompany(run: SessionRun, launched: Launched) {
    await this.context.faults.reach("running");
    const { exited, gone } = await run.run(launched, new Date(this.#state.started_at ?? 0));
    const { cause } = this.#state;
    if (!exited.aborted && cause) {
      await this.#saveIfRoom({ phase: "stopping" });
      await this.context.faults.reach("stopping");
      run.say(stopNotice(cause, this.#graceMs));
      const onForce = () => this.#saveIfRoom({ was_ended: true });
      await run.end(launched, exited, { cause, graceMs: this.#graceMs, onForce });
    }
    await gone;
  }

  /** Nothing runs any more, or nothing must: confirms it, takes in the rest, and judges. May be repeated. */
  async #conclude(spool: Spool) {
    const { claims, blobs, faults, scratch, env } = this.context;
    await this.#disk?.catch(() => {});
    if (this.#state.phase === "ended") return this.#clear();
    const ending = await this.#executor.killAndConfirm({ ...this.#ref, handle: this.#state.handle });
    this.#isOver = true;
    if (this.#foundFull.signal.aborted) await this.#onFull();
    await faults.reach("killed");
    claims.release(this.id);
    await this.#save({ phase: "exited", ...ending, ended_at: this.#state.ended_at ?? this.#now() });
    await faults.reach("exited");
    this.onChange();
    if (this.#discarded.signal.aborted) return;
    const run = this.#run ?? this.#newRun(spool);
    const isFull = await scratch.isFull(this.#folder).catch(() => false);
    await run.settle();
    const { failure, output } = await conclude(this.#assignment, this.#folder, this.#state, spool, blobs, {
      ran_into: { ...run.ranInto, disk: run.ranInto.disk || isFull },
      limits: limitsOf(this.#assignment, env),
    });
    await faults.reach("judged");
    if (output && !spool.hasOutput) {
      await spool.append([{ record: { type: "output", at: this.#now(), entries: output } }]);
    }
    if (failure) this.context.trees.doubt(this.id);
    await this.#save({ phase: "ended", failure, final_seq: spool.lastSeq });
    await this.#clear();
  }

  /** All that counts of the session's files has been taken over: they go. */
  async #clear() {
    await this.context.faults.reach("ended");
    await this.context.scratch.clear(this.#folder);
    this.#setGone();
  }

  /** Begun before anything else, since it takes longest; `prepare` hears what goes wrong with it. */
  #makeDisk(): Promise<void> {
    const { scratch, env } = this.context;
    const bytes = { session: this.#assignment.resources.disk_bytes, log: env.PODIUM_MAX_LOG_BYTES };
    this.#disk = scratch.make(this.#folder, bytes);
    this.#disk.catch(() => {});
    return this.#disk;
  }

  /** The machine's disk is full: what the session wrote goes as soon as nothing of it runs, so that this can be told. */
  async #onFull() {
    this.#foundFull.abort();
    if (this.#isOver) await makeRoom(this.#folder, this.#state.cause === null);
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
      executor: this.#executor,
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
    const make_room = isErrno(error, "ENOSPC", "EDQUOT");
    if (make_room) for (const controller of [this.#urgent, this.#foundFull]) controller.abort();
    this.end({ type: "failure", failure, make_room }, 0);
  }

  #places() {
    const { env, trees, environments, onnx } = this.context;
    const { confined, environment } = this.#state;
    return sessionPlaces({
      folder: this.#folder,
      assignment: this.#assignment,
      confined,
      sdkPath: env.PODIUM_SDK_PATH,
      treePath: (treeId) => trees.path(treeId),
      environmentPath: environment && environments.path(environment),
      onnx: this.#assignment.serving?.onnx ? onnx.places() : null,
    });
  }

  #spec(image: string | null) {
    const { env, machine } = this.context;
    return launchSpec(env, this.#assignment, this.#folder, this.#places(), machine, image);
  }

  #now() {
    return this.context.clock.now().toISOString();
  }

  get #executor(): Executor {
    return this.context.executors.named(this.#state.executor);
  }

  get #ref() {
    return { attempt_id: this.id, folder: this.#folder.root };
  }

  get #launched(): Launched | null {
    const { handle } = this.#state;
    return handle === null ? null : { ...this.#ref, handle };
  }

  /** On a full disk, what the session has is the room for this: it must end without. */
  async #saveIfRoom(change: Partial<AttemptState>): Promise<void> {
    await Promise.race([this.#save(change), aborted(this.#foundFull.signal)]);
  }

  /** Changes the state and waits until the change is on the disk; calls are written in their order. */
  #save(change: Partial<AttemptState>): Promise<void> {
    Object.assign(this.#state, change);
    this.#saving = this.#saving.then(() => saveState(this.#folder, this.#state, () => this.#onFull()));
    return this.#saving;
  }
}
