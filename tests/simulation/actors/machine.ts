import type { Assignment, NodeCapacity, SpoolRecord } from "@podium/shared";
import type { AttemptState } from "../../../apps/node-runner/src/supervision/attempt-state.ts";
import type { Base } from "../base.ts";
import type { Runner, Stage } from "../stage.ts";
import type { Script } from "./script.ts";

/** What is on a machine's disk of an attempt: it survives the runner and the machine's restart. */
export interface Saved {
  assignment: Assignment;
  state: AttemptState;
  spool: SpoolRecord[];
  /** what the runner knows to be stored by the hub */
  acked: number;
  /** lines of the log that are in the spool */
  taken: number;
  /** the log that a process has left */
  written: number;
}

/** A session's process: it goes on without its runner, and dies with its machine. */
export interface Process {
  attemptId: string;
  devices: readonly number[];
  /** thousandths of each device */
  milli: number;
  script: Script;
  startedMs: number;
  endsMs: number;
  /** null while it runs */
  exitCode: number | null;
}

const GIB = 1024 ** 3;

/** A machine with devices: its disk, its processes, and the runner that may come and go. */
export class Machine {
  readonly disk = new Map<string, Saved>();
  readonly processes = new Map<string, Process>();
  readonly capacity: NodeCapacity;
  runner: Runner | null = null;
  isOff = false;
  /** it is off for good */
  isGone = false;
  isFull = false;
  boots = 1;
  /** how far its clock is from the true time */
  offsetMs = 0;

  constructor(
    readonly sim: Stage,
    readonly node: Base["nodes"][number],
    devices: number,
    private readonly makeRunner: (machine: Machine) => Runner,
  ) {
    this.capacity = {
      cpu_milli: 4000,
      memory_bytes: 8 * GIB,
      devices: Array.from({ length: devices }, (_, index) => ({
        index,
        uuid: `${node.name}-${index}`,
        model: "H100",
        memory_bytes: GIB,
      })),
      executors: ["process"],
      gangs: { address: `${node.name}.test`, first_port: 29_500, last_port: 29_999 },
    };
  }

  clockMs(): number {
    return this.sim.world.nowMs + this.offsetMs;
  }

  startRunner(): void {
    if (this.isOff || this.runner) return;
    this.sim.world.tell(this.node.name, "its runner starts");
    this.runner = this.makeRunner(this);
  }

  /** The runner is killed: its sessions run on. */
  killRunner(): void {
    if (!this.runner) return;
    this.sim.world.tell(this.node.name, "its runner dies");
    this.runner.die();
    this.runner = null;
  }

  /** All that runs is gone; the disk stays. */
  turnOff(): void {
    this.killRunner();
    this.isOff = true;
    this.sim.world.tell(this.node.name, "is turned off");
    for (const process of this.processes.values()) this.#leaveLog(process);
    this.processes.clear();
    this.boots += 1;
  }

  /** It was turned off, and nobody will turn it on again. */
  vanish(): void {
    this.isGone = true;
    this.disk.clear();
    this.sim.world.tell(this.node.name, "is gone for good");
  }

  turnOn(): void {
    if (!this.isOff || this.isGone) return;
    this.isOff = false;
    this.sim.world.tell(this.node.name, "is turned on");
    this.startRunner();
  }

  start({ attempt_id: attemptId, devices, resources }: Assignment, script: Script): Process {
    const { world } = this.sim;
    const startedMs = world.nowMs;
    const milli = resources.gpu_milli;
    const process = {
      attemptId,
      devices,
      milli,
      script,
      startedMs,
      endsMs: startedMs + script.runsMs,
      exitCode: null,
    };
    this.processes.set(attemptId, process);
    world.tell(this.node.name, `${attemptId} runs${describe(devices, milli)}`);
    world.after(script.runsMs, () => this.#exits(process, script.exitCode));
    return process;
  }

  /** Asks it to stop; it does so in its own time. */
  terminate(process: Process): void {
    this.sim.world.after(process.script.lingersMs, () => this.#exits(process, 143));
  }

  /** Afterwards nothing of it is left. @returns how it had ended by itself, if it had */
  killAndConfirm(attemptId: string): number | null {
    const process = this.processes.get(attemptId);
    if (!process) return null;
    this.#exits(process, 137);
    this.processes.delete(attemptId);
    return process.exitCode;
  }

  /** Lines that a process has written by now. */
  linesOf(saved: Saved): number {
    const process = this.processes.get(saved.assignment.attempt_id);
    return process ? this.#linesOf(process) : saved.written;
  }

  #exits(process: Process, code: number): void {
    if (process.exitCode !== null || this.processes.get(process.attemptId) !== process) return;
    process.exitCode = code;
    process.endsMs = this.sim.world.nowMs;
    this.#leaveLog(process);
    this.runner?.onExit(process.attemptId);
  }

  #linesOf({ startedMs, endsMs, script }: Process): number {
    const until = Math.min(this.sim.world.nowMs, endsMs);
    return Math.floor((until - startedMs) / script.lineEveryMs);
  }

  #leaveLog(process: Process): void {
    const saved = this.disk.get(process.attemptId);
    if (saved) saved.written = this.#linesOf(process);
  }
}

function describe(devices: readonly number[], milli: number): string {
  if (devices.length === 0) return "";
  return milli < 1000 ? ` on ${milli} thousandths of device ${devices}` : ` on devices ${devices}`;
}
