import type { Usage } from "../executor.ts";
import { type Cgroup, cgroupOf, useOf } from "./cgroup.ts";

const SAMPLE_MS = 100;
const IDLE: Usage = { memory_bytes: 0, processes: 0, processes_refused: false };

/** Looks at one container's control groups ten times a second. Goes on, without numbers, while the daemon is away. */
export class ContainerWatch {
  /** The kernel was seen to kill one of its processes at the memory limit. */
  sawOom = false;
  #cgroup: Cgroup | null = null;
  #stopped = false;
  #timer: Timer | null = null;

  constructor(
    findPid: () => Promise<number | null>,
    private readonly onSample: (usage: Usage) => void,
  ) {
    void findPid().then(
      (pid) => {
        this.#cgroup = pid ? cgroupOf(pid) : null;
      },
      // A container that can't be asked for is watched without numbers; its limits are the kernel's.
      () => undefined,
    );
    this.#schedule();
  }

  stop() {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #schedule() {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      const use = this.#cgroup && useOf(this.#cgroup);
      this.sawOom ||= use?.oom ?? false;
      this.onSample(use ?? IDLE);
      this.#schedule();
    }, SAMPLE_MS);
  }
}
