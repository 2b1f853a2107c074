import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "@podium/shared";
import { readIfThere } from "../../data/files.ts";
import type { Log } from "../../log.ts";
import type { AttemptRef, Ending, Executor, Launched, LaunchSpec, Usage } from "../executor.ts";
import { SHELL, SHELL_ENV, type TerminalSize } from "../terminal.ts";
import { killProcesses } from "./kill.ts";
import { OWN_NETWORK } from "./own-network.ts";
import { attemptMarker, proportionalMemory, readProcess } from "./proc.ts";
import { handleOf, type ProcessRef, refOf } from "./process-ref.ts";
import { ProcessTable } from "./process-table.ts";
import { openPty } from "./pty.ts";
import type { Python } from "./python.ts";
import { type Sandbox, sandboxCommand } from "./sandbox.ts";
import { WRAPPER } from "./wrapper.ts";

const NICENESS = "5";
const POLL_MS = 100;

/** Runs a session as a process group of its own, in bubblewrap when there is a sandbox and plainly otherwise. */
export class ProcessExecutor implements Executor {
  readonly name = "process";
  readonly owner = null;
  readonly packages = null;
  readonly #table = new ProcessTable();
  readonly #exits = new Map<number, Promise<void>>();

  constructor(
    /** null: it starts nothing, and only looks after what runs */
    private readonly python: Python | null,
    private readonly sandbox: Sandbox | null,
    private readonly log: Log,
  ) {}

  get interpreter() {
    return this.python ? `${this.python.executable} ${this.python.version}` : "";
  }

  get confined() {
    return this.sandbox !== null;
  }

  buildNetwork(setting: string | undefined) {
    const whyNot = this.sandbox ? this.sandbox.whyNoNetwork : "there is no sandbox";
    if (setting === "host") return setting;
    if (whyNot === null && (setting === undefined || setting === OWN_NETWORK)) return OWN_NETWORK;
    if (setting !== undefined) {
      const reason = setting === OWN_NETWORK ? whyNot : "that would be a network of Docker";
      throw new Error(
        `Bad configuration: PODIUM_BUILD_NETWORK is ${setting}, but ${reason}, and sessions run as processes here; say ${OWN_NETWORK}, host or none.`,
      );
    }
    if (this.sandbox)
      this.log.warn(
        { reason: whyNot },
        `builds of environments reach this machine's own services on loopback: install ${OWN_NETWORK}, or set PODIUM_BUILD_NETWORK=none`,
      );
    return "host";
  }

  async prepareImage(reference: string | null): Promise<null> {
    if (reference === null) return null;
    throw new DomainError(
      "invalid_request",
      `The session asks for the image "${reference}", but this node runs sessions as processes, without images. Leave the image out, or run the session on a node with Docker.`,
    );
  }

  images() {
    return [];
  }

  async start(spec: LaunchSpec): Promise<Launched> {
    if (!this.python) throw new Error("New sessions do not run as processes here.");
    const session = this.sandbox
      ? sandboxCommand(this.sandbox, this.python, spec)
      : [spec.program ?? spec.python ?? this.python.executable, ...spec.argv];
    const command = spec.background ? ["nice", "-n", NICENESS, ...session] : session;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
    const output = openSync(spec.output_log, flags, 0o600);
    try {
      const child = spawn("/bin/sh", ["-c", WRAPPER, "podium", spec.folder, ...command], {
        cwd: this.sandbox ? spec.folder : spec.cwd,
        env: spec.env,
        stdio: ["ignore", output, output],
        // A session and process group of its own: a signal to the runner's terminal does not reach it.
        detached: true,
      });
      return await this.#started(spec, child);
    } finally {
      closeSync(output);
    }
  }

  async #started({ attempt_id, folder }: AttemptRef, child: ReturnType<typeof spawn>): Promise<Launched> {
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
    return { attempt_id, folder, handle: handleOf({ pid, start_time: readProcess(pid)?.start_time ?? 0 }) };
  }

  async find({ attempt_id, folder }: AttemptRef): Promise<Launched | null> {
    const pid = Number(await readIfThere(join(folder, "pid")));
    if (!(pid > 1)) return null;
    const found = attemptMarker(pid) === attempt_id ? readProcess(pid) : null;
    return { attempt_id, folder, handle: handleOf({ pid, start_time: found?.start_time ?? 0 }) };
  }

  async isRunning(launched: Launched): Promise<boolean> {
    return isAlive(refOf(launched.handle));
  }

  async wait(launched: Launched) {
    const ref = refOf(launched.handle);
    const exited = this.#exits.get(ref.pid);
    if (exited) return exited;
    while (isAlive(ref)) await Bun.sleep(POLL_MS);
  }

  /** Runs beside the session: the same files, limits and lack of a network, but other processes than its own. */
  async enter(
    _launched: Launched,
    spec: LaunchSpec,
    size: TerminalSize,
    onData: (bytes: Uint8Array) => void,
  ) {
    const { python, sandbox } = this;
    if (!python) throw new DomainError("conflict", "New sessions do not run as processes here.");
    const command = sandbox ? sandboxCommand(sandbox, python, spec, SHELL) : SHELL;
    const cwd = sandbox ? spec.folder : spec.cwd;
    return openPty(python.executable, command, { cwd, env: { ...spec.env, ...SHELL_ENV }, size }, onData);
  }

  watch(launched: Launched, limitBytes: number, onSample: (usage: Usage) => void): () => void {
    const ref = refOf(launched.handle);
    return this.#table.watch(() => onSample(this.#usage(launched.attempt_id, ref, limitBytes)));
  }

  /** Resident pages are summed; only above the limit does the costlier count tell shared pages from own ones. */
  #usage(attemptId: string, ref: ProcessRef, limitBytes: number): Usage {
    const processes = this.#table.of(attemptId, ref);
    let memory = processes.reduce((sum, process) => sum + process.rss_bytes, 0);
    if (memory > limitBytes)
      memory = processes.reduce((sum, process) => sum + proportionalMemory(process), 0);
    return { memory_bytes: memory, processes: processes.length, processes_refused: false };
  }

  async terminate(launched: Launched) {
    const ref = refOf(launched.handle);
    this.#table.refresh();
    for (const process of this.#table.of(launched.attempt_id, ref)) {
      // The wrapper has to write down the exit code; bubblewrap would leave its children behind.
      if (process.pid === ref.pid || process.name === "bwrap") continue;
      try {
        globalThis.process.kill(process.pid, "SIGTERM");
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }

  async killAndConfirm({
    attempt_id,
    folder,
    handle,
  }: AttemptRef & { handle: string | null }): Promise<Ending> {
    const ref = handle === null ? null : refOf(handle);
    const list = () => {
      this.#table.refresh();
      return this.#table.thoroughlyOf(attempt_id, ref, folder);
    };
    await killProcesses(list, (left) => this.log.warn({ attempt_id, left }, "processes resist being killed"));
    const code = /^(\d+)\n/.exec((await readIfThere(join(folder, "exit"))) ?? "")?.[1];
    return { exit_code: code === undefined ? null : Number(code), oom: false, lost: null };
  }

  /** A process is found by its attempt's folder alone, and the supervisor goes through all of those. */
  async sweep() {}
}

function isAlive(ref: ProcessRef): boolean {
  return readProcess(ref.pid)?.start_time === ref.start_time;
}
