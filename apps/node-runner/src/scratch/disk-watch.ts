import type { Clock } from "../clock.ts";
import type { Scratch, ScratchFolders } from "./scratch.ts";

/** Measuring takes at most about this share of the time. */
const MEASURING_SHARE = 0.05;
const MEASURE_EVERY_MS = 2_000;

/** What one session takes of the disk, looked at as often as is cheap. */
export class DiskWatch {
  /** The session has had all of its disk in use at some time. */
  wasFull = false;
  #nextMs = 0;
  #looking = false;

  constructor(
    private readonly scratch: Scratch,
    private readonly folders: ScratchFolders,
    private readonly limitBytes: number,
    private readonly clock: Clock,
  ) {}

  /** Looks, unless it is too early to look again. True when the session takes more than it may. */
  async poll(): Promise<boolean> {
    const startedMs = this.clock.elapsedMs();
    if (this.#looking || startedMs < this.#nextMs) return false;
    this.#looking = true;
    try {
      if (this.scratch.isLimited) {
        this.wasFull ||= await this.scratch.isFull(this.folders);
        return false;
      }
      const isTooMuch = await this.scratch.takesMoreThan(this.folders, this.limitBytes);
      const spentMs = this.clock.elapsedMs() - startedMs;
      this.#nextMs = this.clock.elapsedMs() + Math.max(MEASURE_EVERY_MS, spentMs / MEASURING_SHARE);
      this.wasFull ||= isTooMuch;
      return isTooMuch;
    } catch {
      // The session's end takes the folder away while it is being looked at.
      return false;
    } finally {
      this.#looking = false;
    }
  }
}
