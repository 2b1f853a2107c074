import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";

/** A number that was promised, and what came of it. Null: it could not be measured here; say why on stderr. */
export interface Aim {
  readonly name: string;
  readonly unit: string;
  readonly aim: number;
  readonly measured: number | null;
  readonly met: boolean | null;
}

export interface Bench {
  /** Names `bench/NAME.ts` and `bench/results/NAME.json`. */
  readonly bench: string;
  /** Measured numbers; the name ends in the unit (`mse_s`, `peak_memory_bytes`). */
  readonly figures: Readonly<Record<string, number>>;
  readonly aims: readonly Aim[];
}

const RESULTS = join(import.meta.dir, "..", "results");

/**
 * Prints the figures and aims as tables for people, ends with one line of JSON on stdout and writes the same to
 * `results/NAME.json` (or into `folder`).
 */
export function report({ bench, figures, aims }: Bench, folder: string = RESULTS): void {
  const commit = commitNow();
  const record = { bench, machine: machineNow(), commit, date: new Date().toISOString(), figures, aims };
  printTable(
    ["figure", "value"],
    Object.entries(figures).map(([name, value]) => [name, shown(value)]),
  );
  printTable(
    ["aim", "unit", "aimed at", "measured", "met"],
    aims.map(({ name, unit, aim, measured, met }) => [
      name,
      unit,
      shown(aim),
      measured === null ? "–" : shown(measured),
      met === null ? "not measured" : met ? "yes" : "NO",
    ]),
  );
  const line = JSON.stringify(record);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${bench}.json`), `${line}\n`);
  console.log(line);
}

function machineNow() {
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  return { cpu, cores: availableParallelism(), memory_bytes: totalmem(), os: `${type()} ${release()}` };
}

function commitNow(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: import.meta.dir,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    // Results are rewritten by the run itself, which does not make the code that was measured another.
    const dirty =
      git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(exclude,top)bench/results") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${dirty ? "-dirty" : ""}`;
  } catch {
    return "unknown";
  }
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("   ");
  console.log(
    [line(head), widths.map((width) => "-".repeat(width)).join("   "), ...rows.map(line), ""].join("\n"),
  );
}

/** At most four digits after the point; large whole numbers in groups of three. */
function shown(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 4 });
}
