import { type Assignment, MAX_FRAME_BYTES, type SessionFailure } from "@podium/shared";
import type { Executor, Launched } from "../executors/executor.ts";
import { attemptSource } from "../hub/attempt-source.ts";
import type { OnBehalf } from "../hub/client.ts";
import { DiskWatch } from "../scratch/disk-watch.ts";
import { StartLimit } from "../serving/onnx/start-limit.ts";
import { Replica } from "../serving/replica.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { Cause } from "./attempt-state.ts";
import { type CheckpointContext, loadCheckpoint, saveCheckpoint } from "./checkpoints.ts";
import type { RunnerContext } from "./context.ts";
import { endProcess } from "./end-process.ts";
import { type Execution, Executions } from "./executions.ts";
import { modelHangs, modelStartsTooLong } from "./failures.ts";
import { guard } from "./guard.ts";
import { LogTail } from "./log-tail.ts";
import type { SessionPlaces } from "./places.ts";
import type { SdkHandlers } from "./sdk-connection.ts";
import { SdkServer } from "./sdk-server.ts";
import type { Spool } from "./spool.ts";

const DRAIN_REPLICA_MS = 2_000;
/** What a session's unfinished frames may take of memory: only the answers of a model are large. */
const FRAMES_BYTES = 16 * 1024 ** 2;
const SERVING_FRAMES_BYTES = MAX_FRAME_BYTES + FRAMES_BYTES;

export interface SessionRunOptions {
  context: RunnerContext;
  /** the one that the session runs in */
  executor: Executor;
  on: OnBehalf;
  assignment: Assignment;
  folder: AttemptFolder;
  places: SessionPlaces;
  spool: Spool;
  /** Aborts when the session shall end. */
  ending: AbortSignal;
  /** Aborts when it shall end without grace. */
  urgent: AbortSignal;
  onBreach(failure: SessionFailure, urgency: "at_once" | "with_grace"): void;
  /** A replica has become ready, or has ceased to be. */
  onChange(): void;
}

/** All that goes on around the process of a session while it runs: its socket, its log, its limits, its replica. */
export class SessionRun {
  readonly #sdk: SdkServer;
  readonly #tail: LogTail;
  readonly #disk: DiskWatch;
  readonly #executions = new Executions();
  #processRefused = false;
  #wasReady = false;
  #replica: Replica | null = null;
  /** null: what runs is a script, which may take its time */
  readonly #startLimit: StartLimit | null;
  #serving: Assignment["serving"];
  /** what the hub said last is wrong with the session; a runner that takes it over says it once more */
  #noticed: string | null = null;
  /**
   * A member of a gang is needed until rank 0 is over: that could not come to its checkpoint when the others, who may have
   * nothing to save, were gone in the middle of a step.
   */
  readonly #unneeded = Promise.withResolvers<void>();
  /** null: nobody waits for a checkpoint */
  #onSaved: (() => void) | null = null;
  #unguard: () => void = () => {};

  constructor(private readonly options: SessionRunOptions) {
    const { context, on, assignment, folder, places, spool, ending } = options;
    const log = context.log.child({ attempt_id: on.attempt_id });
    this.#serving = assignment.serving;
    this.#heed(assignment);
    this.#startLimit = this.#limitStart();
    const checkpoints: CheckpointContext = {
      runner: context,
      on,
      folder,
      places,
      spool,
      source: attemptSource(context.hub, on, context.blobs, context.random, (n) =>
        context.metrics.fetchedBytes.inc(n),
      ),
      maxBytes: assignment.resources.disk_bytes,
      signal: ending,
    };
    const handlers: SdkHandlers = {
      save: async (frame, from) => {
        await saveCheckpoint(checkpoints, frame, from);
        if (!this.#onSaved) return;
        // Said here, not by the script: that may be ended before it gets to it.
        this.say(`It has saved the checkpoint '${frame.name}'.`);
        this.#onSaved();
      },
      load: (frame) => loadCheckpoint(checkpoints, frame),
      result: (pid, frame, tail) => {
        if (pid === spool.ready?.pid) this.#replica?.result(frame.batch, frame.items, tail, frame.compute_us);
      },
      chunk: (pid, batch, tail, computeUs) => {
        if (pid === spool.ready?.pid) this.#replica?.chunk(batch, tail, computeUs);
      },
      executed: (frame) => this.#executions.answer(frame),
      changed: () => this.#connectionChanged(),
    };
    const { owner } = options.executor;
    const { clock } = context;
    const maxHeldBytes = assignment.session.kind === "serve" ? SERVING_FRAMES_BYTES : FRAMES_BYTES;
    this.#sdk = new SdkServer({ path: folder.socket, owner, spool, handlers, maxHeldBytes, clock, log });
    this.#disk = new DiskWatch(context.scratch, folder, assignment.resources.disk_bytes, context.clock);
    this.#tail = new LogTail({
      path: folder.output_log,
      spool,
      clock: context.clock,
      maxBytes: context.env.PODIUM_MAX_LOG_BYTES,
      onTooLong: (failure) => options.onBreach(failure, "at_once"),
    });
  }

  get isReady(): boolean {
    const { ready } = this.options.spool;
    return ready !== null && this.#sdk.isConnectedTo(ready.pid);
  }

  /** The socket must be there before the process is. */
  listen() {
    return this.#sdk.listen();
  }

  /** The hub's latest word: gateways come and go while a replica runs, and what is wrong goes into the log once. */
  update(assignment: Pick<Assignment, "serving" | "notice" | "gang">) {
    const { serving, notice = null } = assignment;
    this.#heed(assignment);
    this.#serving = serving;
    if (serving) this.#replica?.connect(serving);
    if (notice !== null && notice !== this.#noticed) this.say(notice);
    this.#noticed = notice;
  }

  #heed({ gang }: Pick<Assignment, "gang">) {
    if (!gang || gang.rank === 0 || gang.first_is_over) this.#unneeded.resolve();
  }

  /** Accompanies the process to its end, or ends it when told to. Resolves when the main process is gone. */
  async run(launched: Launched, startedAt: Date) {
    const { context, executor, assignment, spool, ending } = this.options;
    const exited = new AbortController();
    const gone = executor.wait(launched).then(() => exited.abort());
    this.#unguard = guard({
      executor,
      launched,
      assignment,
      startedAt,
      maxProcesses: context.env.PODIUM_MAX_PROCESSES,
      tail: this.#tail,
      disk: this.#disk,
      spool,
      clock: context.clock,
      onBreach: this.options.onBreach,
      onRefusedProcess: () => {
        this.#processRefused = true;
      },
    });
    this.#connectionChanged();
    await Promise.race([gone, aborted(ending)]);
    return { exited: exited.signal, gone };
  }

  /** Ends the process in steps; see `endProcess`. `onForce` is called before the first signal to it. */
  async end(
    launched: Launched,
    exited: AbortSignal,
    { cause, graceMs, onForce }: { cause: Cause; graceMs: number; onForce: () => Promise<void> },
  ) {
    const { executor, assignment, urgent } = this.options;
    if (!urgent.aborted) await this.#replica?.drain(Math.min(graceMs, DRAIN_REPLICA_MS));
    // What a model works on may be why it failed, but not why it is told to stop.
    else if (cause.type !== "failure") this.#replica?.close();
    const reason = cause.type === "failure" ? cause.failure.message : cause.reason;
    const listens = assignment.session.kind !== "infer" && this.#sdk.isConnected;
    await endProcess({
      executor,
      launched,
      graceMs,
      exited,
      urgent,
      unneeded: this.#unneeded.promise,
      onForce,
      say: (text) => this.say(text),
      announce: listens ? () => this.#announceStop(reason, graceMs) : null,
    });
  }

  /** Has the script evaluate code, at the next moment that it gives. */
  async execute(code: string): Promise<Execution> {
    if (!this.#sdk.isConnected) return { ok: false, text: "The script does not import podium (or nsml).\n" };
    return this.#executions.run(code, (frame) => this.#sdk.sendToAll(frame));
  }

  /** Limits that it has run into without being ended for it. */
  get ranInto(): { disk: boolean; log: boolean; processes: boolean } {
    return { disk: this.#disk.wasFull, log: this.#tail.isTooLong, processes: this.#processRefused };
  }

  /** To be called when no process is left: takes in everything that the session reported and wrote until its end. */
  async settle() {
    this.#unguard();
    this.#startLimit?.clear();
    this.#replica?.died();
    await this.#sdk.close();
    await this.#tail.finish();
  }

  /** Lets go of a session that shall run on without this runner. */
  leave() {
    this.#unguard();
    this.#startLimit?.clear();
    this.#replica?.close();
    this.#sdk.abandon();
  }

  /** Resolves when the session has saved, or has nothing to save; a replica ends by itself. */
  #announceStop(reason: string, graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onSaved = resolve;
      this.#sdk.announceStop(reason, graceMs);
    });
  }

  /** A line of the runner's own in the session's log. */
  say(text: string) {
    const at = this.options.context.clock.now().toISOString();
    void this.options.spool.append([{ record: { type: "log", at, text: `[podium] ${text}` } }]);
  }

  #limitStart(): StartLimit | null {
    const { context, assignment, onBreach } = this.options;
    const file = assignment.serving?.onnx?.file;
    if (file === undefined) return null;
    const { PODIUM_ONNX_START_TIMEOUT_MS: ms } = context.env;
    return new StartLimit(ms, () => onBreach(modelStartsTooLong(file, ms), "at_once"));
  }

  #connectionChanged() {
    if (this.#sdk.hasNothingToSave) this.#onSaved?.();
    const { context, on, spool, ending } = this.options;
    this.#startLimit?.follow(this.isReady);
    const wanted = this.#serving !== null && this.isReady && !ending.aborted;
    if (!wanted && !ending.aborted) {
      this.#replica?.died();
      this.#replica = null;
    } else if (wanted && !this.#replica && spool.ready && this.#serving) {
      const { pid, signature } = spool.ready;
      this.#replica = new Replica({
        ...on,
        signature,
        random: context.random,
        log: context.log,
        clock: context.clock,
        metrics: context.metrics,
        compute: (frame, tail) => this.#sdk.sendBatch(pid, frame, tail),
        cancel: (batch, items) => this.#sdk.cancelBatch(pid, batch, items),
        onHang: () => this.options.onBreach(modelHangs(this.#serving?.onnx?.file ?? null), "at_once"),
      });
      this.#replica.connect(this.#serving);
    }
    // Each change is a heartbeat of the whole node: a session that connects again and again makes none.
    if (this.isReady === this.#wasReady) return;
    this.#wasReady = this.isReady;
    this.options.onChange();
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
