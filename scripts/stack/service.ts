import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { LogFile, readableLine, terminalLine } from "./log-file.ts";
import { groupMembers, signalProcess } from "./process-table.ts";
import { waitUntil } from "./wait.ts";

export interface ServiceSpec {
  name: string;
  command: string[];
  cwd: string;
  env: Record<string, string>;
  logPath: string;
  stopSignal: "SIGTERM" | "SIGINT";
  /** How long a stop may take before the process is killed. */
  graceMs: number;
  isReady: () => Promise<boolean>;
  /** Runs before every start, the restarts included. */
  prepare?: () => Promise<void>;
  /** Called with each new process; what it returns is called when that process has ended. */
  onSpawn?: (pid: number) => () => void;
  /** Processes outside the group that belong to it too, and must be gone after a stop. */
  strays?: () => number[];
  /** Picks what of a log line people see on the terminal. */
  terminalLine?: typeof terminalLine;
}

const READY_WITHIN_MS = 60_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** A process that ran this long was healthy: its next crash starts with a short wait again. */
const HEALTHY_AFTER_MS = 60_000;
const LAST_LINES = 8;

/**
 * One long-running process: started, watched, restarted after a crash with growing waits, stopped.
 * It runs in its own session, so that Ctrl-C reaches it only through us, and its stdin is a pipe that
 * closes when we die: a process that sees this ends by itself.
 */
export class Service {
  private child: ChildProcess | undefined;
  private stopping = false;
  private wakeFromBackoff: () => void = () => {};
  private readonly lastLines: string[] = [];
  private readonly log: LogFile;
  private shownLine = "";

  constructor(
    private readonly spec: ServiceSpec,
    private readonly onLine: (line: string) => void,
  ) {
    this.log = new LogFile(spec.logPath);
  }

  get name(): string {
    return this.spec.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves once the process is ready; throws with its last lines when it ends before that. */
  async start(): Promise<void> {
    const { ended } = await this.launch();
    const outcome = await Promise.race([ended.then(() => "ended"), this.becomesReady()]);
    if (this.stopping) throw new Error(`${this.name} was stopped while it started.`);
    if (outcome !== "ready") {
      await this.stop();
      const why =
        outcome === "ended"
          ? "ended before it was ready"
          : `was not ready within ${READY_WITHIN_MS / 1000} s`;
      throw new Error([`${this.name} ${why} (log: ${this.spec.logPath})`, ...this.lastLines].join("\n  "));
    }
    void this.keepRunning(ended);
  }

  /** Asks the process to end, kills it after its grace time, and returns once nothing of its group is left. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeFromBackoff();
    const pid = this.child?.pid;
    if (pid === undefined) return;
    signalProcess(pid, this.spec.stopSignal);
    const ended = await waitUntil(() => this.child === undefined, { withinMs: this.spec.graceMs });
    if (!ended) this.onLine(`${this.name} did not stop within ${this.spec.graceMs / 1000} s, killing it`);
    await this.killGroup(pid);
  }

  /** Kills the process and its group at once. */
  kill(): void {
    this.stopping = true;
    this.wakeFromBackoff();
    const pid = this.child?.pid;
    if (pid !== undefined) signalProcess(-pid, "SIGKILL");
    for (const stray of this.spec.strays?.() ?? []) signalProcess(stray, "SIGKILL");
  }

  private async killGroup(group: number): Promise<void> {
    await waitUntil(
      () => {
        const left = [...groupMembers(group), ...(this.spec.strays?.() ?? [])];
        for (const pid of left) signalProcess(pid, "SIGKILL");
        return left.length === 0 && this.child === undefined;
      },
      { withinMs: 5_000 },
    );
  }

  /** Starts the process; `ended` resolves with how it ended. */
  private async launch(): Promise<{ ended: Promise<string> }> {
    await this.spec.prepare?.();
    if (this.stopping) throw new Error(`${this.name} was stopped before it started.`);
    const { command, cwd, env } = this.spec;
    const [program = "", ...args] = command;
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    this.child = child;
    const cleanUp = child.pid === undefined ? undefined : this.spec.onSpawn?.(child.pid);
    for (const stream of ["stdout", "stderr"] as const) {
      createInterface({ input: child[stream] }).on("line", (line) => this.take(line, stream));
    }
    const ended = new Promise<string>((resolve) => {
      const settle = (how: string) => {
        cleanUp?.();
        if (this.child === child) this.child = undefined;
        resolve(how);
      };
      child.once("error", (error) => settle(error.message));
      child.once("exit", (code, signal) => settle(signal ?? `exit code ${code}`));
    });
    return { ended };
  }

  private async becomesReady(): Promise<"ready" | "late"> {
    const ready = () => this.stopping || this.spec.isReady();
    return (await waitUntil(ready, { withinMs: READY_WITHIN_MS })) ? "ready" : "late";
  }

  private async keepRunning(firstRun: Promise<string>): Promise<void> {
    let run = firstRun;
    let startedAt = performance.now();
    let backoffMs = FIRST_BACKOFF_MS;
    for (;;) {
      const how = await run;
      if (this.stopping) return;
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      this.onLine(`${this.name} ended unexpectedly (${how}), restarting it in ${backoffMs / 1000} s`);
      await this.sleepUnlessStopped(backoffMs);
      if (this.stopping) return;
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      startedAt = performance.now();
      run = this.launch().then(
        ({ ended }) => ended,
        (error: Error) => error.message,
      );
      void this.sayWhenBack(run);
    }
  }

  private async sayWhenBack(run: Promise<string>): Promise<void> {
    const outcome = await Promise.race([run.then(() => "ended"), this.becomesReady()]);
    if (outcome === "ready" && !this.stopping) this.onLine(`${this.name} is back`);
  }

  private sleepUnlessStopped(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeFromBackoff = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private take(line: string, stream: "stdout" | "stderr"): void {
    const trouble = this.log.write(line);
    if (trouble !== undefined) this.onLine(trouble);
    const readable = readableLine(line);
    if (readable !== "" && readable !== this.lastLines.at(-1)) this.lastLines.push(readable);
    if (this.lastLines.length > LAST_LINES) this.lastLines.shift();
    const shown = (this.spec.terminalLine ?? terminalLine)(line, stream);
    // A process in trouble repeats itself; the log has every time, the terminal the first.
    if (shown !== undefined && shown !== this.shownLine) this.onLine(`${this.name}: ${shown}`);
    if (shown !== undefined) this.shownLine = shown;
  }
}
