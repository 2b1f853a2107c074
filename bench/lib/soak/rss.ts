import { readFileSync } from "node:fs";

const MIB = 1024 ** 2;

/** The resident memory of a process over time. */
export class RssLog {
  /** seconds since the first sample, and MiB */
  readonly samples: { at: number; mib: number }[] = [];
  #since: number | null = null;

  constructor(private readonly pid: number) {}

  /** @param now monotonic milliseconds */
  take(now: number) {
    this.#since ??= now;
    const pages = Number(readFileSync(`/proc/${this.pid}/statm`, "utf8").split(" ")[1]);
    this.samples.push({ at: (now - this.#since) / 1000, mib: (pages * 4096) / MIB });
  }

  /** MiB an hour over the second half, when caches and compiled code are as large as they get. */
  get slopePerHour(): number {
    const half = this.samples.slice(this.samples.length >> 1);
    const n = half.length;
    const mean = (read: (sample: { at: number; mib: number }) => number) =>
      half.reduce((sum, sample) => sum + read(sample), 0) / n;
    const [at, mib] = [mean((sample) => sample.at), mean((sample) => sample.mib)];
    const spread = half.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
    const together = half.reduce((sum, sample) => sum + (sample.at - at) * (sample.mib - mib), 0);
    return n < 2 || spread === 0 ? 0 : (together / spread) * 3600;
  }

  get peak(): number {
    return Math.max(...this.samples.map(({ mib }) => mib));
  }
}
