import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../../data/files.ts";
import type { Log } from "../../log.ts";
import type { Executor, LaunchSpec, ProcessRef, Usage } from "../executor.ts";
import { killProcesses } from "./kill.ts";
import { attemptMarker, proportionalMemory, readProcess } from "./proc.ts";
import { ProcessTable } from "./process-table.ts";
import type { Python } from "./python.ts";
import { type Sandbox, sandboxCommand } from "./sandbox.ts";
import { WRAPPER } from "./wrapper.ts";

const NICENESS = "5";
const POLL_MS = 100;

/** Runs a session as a process group of its own, in bubblewrap when there is a sandbox and plainly otherwise. */
export class ProcessExecutor implements Executor {
  readonly #table = new ProcessTable();
  readonly #exits = new Map<number, Promise<void>>();

  constructor(
    private readonly python: Python,
    private readonly sandbox: Sandbox | null,
    private readonly log: Log,
  ) {}

  get confined() {
    return this.sandbox !== null;
  }

  async start(spec: LaunchSpec): Promise<ProcessRef> {
    const session = this.sandbox
      ? sandboxCommand(this.sandbox, this.python, spec)
      : [this.python.executable, ...spec.argv];
    const command = spec.background ? ["nice", "-n", NICENESS, ...session] : session;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
    const output = openSync(join(spec.folder, "output.log"), flags, 0o600);
    try {
      const child = spawn("/bin/sh", ["-c", WRAPPER, "podium", spec.folder, ...command], {
        cwd: this.sandbox ? spec.folder : spec.cwd,
        env: spec.env,
        stdio: ["ignore", output, output],
        // A session and process group of its own: a signal to the runner's terminal does not reach it.
        detached: true,
      });
      return await this.#started(spec.attempt_id, child);
    } finally {
      closeSync(output);
    }
  }

  async #started(attemptId: string, child: ReturnType<typeof spawn>): Promise<ProcessRef> {
    const exited = new Promise<void>((resolve, reject) => {
      child.once("exit", () => resolve());
      child.once("error", reject);
    });
    if (child.pid === undefined) {
      await exited;
      throw new Error("The process did not start.");
    }
    const pid = child.pid;
    this.#exits.set(
      pid,
      exited.catch(() => {}).finally(() => this.#exits.delete(pid)),
    );
    // It may have ended already; then no start time is needed to tell it from a later process.
    return { attempt_id: attemptId, pid, start_time: readProcess(pid)?.start_time ?? 0 };
  }

  async find(attemptId: string, folder: string): Promise<ProcessRef | null> {
    const pid = Number(await readIfThere(join(folder, "pid")));
    if (!(pid > 1)) return null;
    const found = attemptMarker(pid) === attemptId ? readProcess(pid) : null;
    return { attempt_id: attemptId, pid, start_time: found?.start_time ?? 0 };
  }

  isRunning(ref: ProcessRef): boolean {
    return readProcess(ref.pid)?.start_time === ref.start_time;
  }

  async wait(ref: ProcessRef) {
    const exited = this.#exits.get(ref.pid);
    if (exited) return exited;
    while (this.isRunning(ref)) await Bun.sleep(POLL_MS);
  }

  async exitCode(folder: string): Promise<number | null> {
    const text = await readIfThere(join(folder, "exit"));
    return text?.endsWith("\n") ? Number(text) : null;
  }

  watch(ref: ProcessRef, limitBytes: number, onSample: (usage: Usage) => void): () => void {
    return this.#table.watch(() => onSample(this.#usage(ref, limitBytes)));
  }

  /** Resident pages are summed; only above the limit does the costlier count tell shared pages from own ones. */
  #usage(ref: ProcessRef, limitBytes: number): Usage {
    const processes = this.#table.of(ref.attempt_id, ref);
    let memory = processes.reduce((sum, process) => sum + process.rss_bytes, 0);
    if (memory > limitBytes)
      memory = processes.reduce((sum, process) => sum + proportionalMemory(process), 0);
    return { memory_bytes: memory, processes: processes.length };
  }

  terminate(ref: ProcessRef) {
    this.#table.refresh();
    for (const process of this.#table.of(ref.attempt_id, ref)) {
      // The wrapper has to write down the exit code; bubblewrap would leave its children behind.
      if (process.pid === ref.pid || process.name === "bwrap") continue;
      try {
        globalThis.process.kill(process.pid, "SIGTERM");
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }

  async killAndConfirm(attemptId: string, ref: ProcessRef | null, folder: string) {
    const list = () => {
      this.#table.refresh();
      return this.#table.thoroughlyOf(attemptId, ref, folder);
    };
    await killProcesses(list, (left) =>
      this.log.warn({ attempt_id: attemptId, left }, "processes resist being killed"),
    );
  }
}
