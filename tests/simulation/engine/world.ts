import { seeded } from "../../../apps/hub/src/testing/random.ts";
import { Agenda } from "./agenda.ts";
import { Names } from "./names.ts";
import { Turns } from "./turns.ts";

export const START_MS = Date.parse("2026-01-01T12:00:00Z");

export type Random = ReturnType<typeof seeded>;

/** Time, chance and the order of things: all that a seed decides. */
export class World {
  readonly random: Random;
  readonly names = new Names();
  /** What happened, one line each. */
  readonly story: string[] = [];
  /** What must not have happened. */
  readonly violations: string[] = [];
  readonly turns: Turns;
  nowMs = START_MS;
  readonly #agenda = new Agenda();

  constructor(seed: number) {
    this.random = seeded(seed);
    this.turns = new Turns((error) => this.violate(`a process broke: ${describe(error)}`));
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.random.int(n) === 0;
  }

  /** Whole milliseconds of `from` … `to`. */
  between(fromMs: number, toMs: number): number {
    return fromMs + this.random.int(toMs - fromMs + 1);
  }

  tell(who: string, what: string): void {
    const seconds = ((this.nowMs - START_MS) / 1000).toFixed(3).padStart(9);
    this.story.push(`${seconds}  ${who.padEnd(9)} ${this.names.in(what)}`);
  }

  violate(what: string): void {
    this.violations.push(this.names.in(what));
    this.tell("VIOLATION", what);
  }

  /** Something happens later; it may be async, and may wait. */
  after(delayMs: number, work: () => Promise<void> | void): void {
    this.#agenda.add(this.nowMs + Math.max(0, Math.round(delayMs)), () =>
      this.turns.run(async () => {
        await work();
      }),
    );
  }

  /** The work that calls this waits for so long, while others go on. */
  pause(delayMs: number): Promise<void> {
    return this.turns.wait((goOn) => this.#agenda.add(this.nowMs + Math.round(delayMs), goOn));
  }

  /** Does what comes next. False: nothing is left to do. */
  async step(): Promise<boolean> {
    const entry = this.#agenda.next();
    if (!entry) return false;
    this.nowMs = entry.atMs;
    await entry.run();
    return true;
  }
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  const where = error.stack?.split("\n").find((line) => /apps\/|tests\//.test(line)) ?? "";
  return `${error.message.slice(0, 400)}${cause}${where.replace(/^\s*at/, " at").replace(/\(?\/\S*\/(?=(apps|tests)\/)/, "")}`;
}
