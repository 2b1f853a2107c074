import type { Ending, Launched, Usage } from "../executors/executor.ts";
import { BuildFailed } from "./build-failed.ts";
import type { BuildInput } from "./build-input.ts";
import { GrowingLog } from "./growing-log.ts";

const POLL_MS = 100;
const MEASURE_EVERY_MS = 3_000;
const MIB = 1024 ** 2;
/** A step that says more is shown from its beginning up to here, and from its end. */
const MAX_LINES = 20_000;
const MAX_CHARACTERS = 8 * MIB;
const LAST_LINES = 200;
const LAST_BYTES = MIB;

export interface Step {
  log: string;
  start(): Promise<Launched>;
  /** bytes that it has written so far */
  size(launched: Launched): Promise<number>;
  /** is given what has ended by itself, before it is removed */
  onGone?(launched: Launched): Promise<void>;
}

export interface StepEnd {
  exit_code: number | null;
  /** the last lines that it said */
  last: string[];
}

/**
 * Runs one step of a build to its end, within the limits; what it says is handed on as it comes. Nothing of it is left
 * when this settles. @throws BuildFailed for a broken limit; the signal's reason
 */
export async function runStep(input: BuildInput, step: Step): Promise<StepEnd> {
  const { executor, settings, signal } = input;
  const log = new LogKeeper(new GrowingLog(step.log), input.onLine);
  signal.throwIfAborted();
  const launched = await step.start();
  let breach: string | null = null;
  let ending: Ending;
  try {
    breach = await accompany(input, step, launched, log);
    if (breach === null && !signal.aborted) await step.onGone?.(launched);
  } finally {
    ending = await executor.killAndConfirm(launched);
    await log.take(true);
  }
  signal.throwIfAborted();
  if (ending.oom) breach ??= tooMuch("memory", settings.memory_bytes);
  if (breach !== null) throw new BuildFailed(`The environment could not be built: ${breach}.`);
  if (ending.lost !== null) throw new Error(ending.lost);
  return { exit_code: ending.exit_code, last: log.last };
}

/** Waits until the step has ended, or must; the limit that it broke, in words. */
async function accompany(
  { executor, settings, clock, startedMs, signal }: BuildInput,
  step: Step,
  launched: Launched,
  log: LogKeeper,
): Promise<string | null> {
  let breach: string | null = null;
  let isOver = false;
  const gone = executor.wait(launched).then(() => {
    isOver = true;
  });
  const unwatch = executor.watch(launched, settings.memory_bytes, (usage) => {
    breach ??= brokenBy(usage, settings);
  });
  try {
    let measuredMs = clock.elapsedMs();
    while (!isOver && breach === null && !signal.aborted) {
      await Promise.race([gone, Bun.sleep(POLL_MS)]);
      await log.take(false);
      const nowMs = clock.elapsedMs();
      if (nowMs - startedMs > settings.timeout_ms)
        breach ??= `it took longer than ${settings.timeout_ms / 1000} s`;
      if (nowMs - measuredMs < MEASURE_EVERY_MS) continue;
      measuredMs = nowMs;
      if ((await step.size(launched)) > settings.limit_bytes)
        breach ??= tooMuch("disk", settings.limit_bytes);
    }
    // What was written since, and by a step that was quicker than the first measure.
    if (breach === null && !signal.aborted && (await step.size(launched)) > settings.limit_bytes)
      breach = tooMuch("disk", settings.limit_bytes);
  } finally {
    unwatch();
  }
  return breach;
}

function brokenBy(usage: Usage, limits: { memory_bytes: number; max_processes: number }): string | null {
  if (usage.memory_bytes > limits.memory_bytes) return tooMuch("memory", limits.memory_bytes);
  if (usage.processes > limits.max_processes || usage.processes_refused)
    return `it started more than ${limits.max_processes} processes`;
  return null;
}

const tooMuch = (what: string, bytes: number) => `it used more than ${Math.ceil(bytes / MIB)} MiB of ${what}`;

/** Hands the lines on as they come, up to a bound, and keeps the last ones. */
class LogKeeper {
  last: string[] = [];
  #shown = 0;
  #characters = 0;
  #hidden = 0;

  constructor(
    private readonly log: GrowingLog,
    private readonly onLine: (line: string) => void,
  ) {}

  /** Takes what is new, up to the bound; at the end also how it ended, which is the part that tells. */
  async take(isEnd: boolean) {
    for (let more = true; more && !this.#isFull; ) more = (await this.#takeLines(false)) && isEnd;
    if (!isEnd) return;
    if (this.#isFull) await this.log.skipTo(LAST_BYTES);
    await this.#takeLines(true);
    if (this.#hidden === 0) return;
    this.onLine("[podium] … more was said than is shown here; its end:");
    for (const line of this.last.slice(-Math.min(this.#hidden, LAST_LINES))) this.onLine(line);
  }

  get #isFull() {
    return this.#shown >= MAX_LINES || this.#characters >= MAX_CHARACTERS;
  }

  /** False when there were none. */
  async #takeLines(isEnd: boolean): Promise<boolean> {
    const before = this.#shown + this.#hidden;
    for await (const line of this.log.lines(isEnd)) {
      if (this.#isFull) this.#hidden++;
      else {
        this.#shown++;
        this.#characters += line.length;
        this.onLine(line);
      }
      this.last.push(line);
      if (this.last.length > 2 * LAST_LINES) this.last = this.last.slice(-LAST_LINES);
    }
    return this.#shown + this.#hidden > before;
  }
}
