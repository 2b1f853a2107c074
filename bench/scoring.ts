// Scoring of 5 million rows (MSE, macro-F1 of ten classes) against pandas + scikit-learn: seconds and memory.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createScorerPool } from "../apps/hub/src/scoring/index.ts";
import { median } from "./lib/median.ts";
import { type Aim, report } from "./lib/report.ts";
import { type ScoringTables, scoringTables } from "./lib/scoring-tables.ts";

const ROUNDS = 3;
const ENGINES = ["c", "pyarrow"] as const;
const root = join(import.meta.dir, "..");
const { values } = parseArgs({ options: { rows: { type: "string", default: "5000000" } } });
const rows = Number(values.rows);
if (!Number.isSafeInteger(rows) || rows < 1)
  throw new Error("--rows takes a whole number of rows, at least 1.");

interface Run {
  seconds: number;
  score: number;
  peakBytes: number;
}

const python = await preparePython();
const tables = await scoringTables(join(root, ".podium", "cache", "bench"), rows);
const tasks = [
  { name: "mse", metric: "mse" as const, files: tables.numbers },
  { name: "f1_macro", metric: "f1_macro" as const, files: tables.labels },
];
const pool = createScorerPool({ size: 1, timeoutMs: 300_000, memoryBytes: 1024 ** 3 });
const runs = new Map<string, Run[]>();

try {
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const task of tasks) {
      const ours = await keep(`${task.name}_podium`, () => scoreHere(task.metric, task.files));
      if (python === null) continue;
      for (const engine of ENGINES) {
        const name = `${task.name}_pandas_${engine}`;
        const theirs = await keep(name, () => scoreThere(python, task.metric, task.files, engine));
        const apart = Math.abs(ours.score - theirs.score) / theirs.score;
        if (apart > 1e-9)
          throw new Error(`${task.name}: ${ours.score} here, ${theirs.score} by scikit-learn.`);
      }
    }
  }
} finally {
  await pool.close();
}
report({ bench: "scoring", figures: figures(), aims: tasks.map(({ name }) => aimOf(name)) });

async function keep(name: string, run: () => Promise<Run>): Promise<Run> {
  const done = await run();
  runs.set(name, [...(runs.get(name) ?? []), done]);
  console.error(
    `${name}: ${done.seconds.toFixed(2)} s, ${Math.round(done.peakBytes / 1024 ** 2)} MiB, score ${done.score}`,
  );
  return done;
}

/** By the way the hub takes: request to the pool, child process, answer. */
async function scoreHere(metric: "mse" | "f1_macro", files: ScoringTables): Promise<Run> {
  const started = performance.now();
  const { score, peakRssBytes } = await pool.score({
    labelsPath: files.labels,
    predictionsPath: files.predictions,
    targetField: files.target,
    metric,
  });
  return { seconds: (performance.now() - started) / 1000, score, peakBytes: peakRssBytes };
}

/** In a fresh Python; starting it and importing the libraries is not counted. */
async function scoreThere(
  python: string,
  metric: string,
  files: ScoringTables,
  engine: string,
): Promise<Run> {
  const script = join(import.meta.dir, "lib", "pandas_score.py");
  const args = [metric, files.target, files.labels, files.predictions, engine];
  const answer = await Bun.$`${python} ${script} ${args}`.json();
  return { seconds: answer.seconds, score: answer.score, peakBytes: answer.peak_memory_bytes };
}

/** A Python with pandas and scikit-learn, made on first use; null, with the reason on stderr, where it can't be. */
async function preparePython(): Promise<string | null> {
  const venv = join(root, ".podium", "bench-venv");
  const python = join(venv, "bin", "python");
  const ready = async () =>
    existsSync(python) &&
    (await Bun.$`${python} -c "import pandas, sklearn, pyarrow"`.nothrow().quiet()).exitCode === 0;
  if (await ready()) return python;
  await Bun.$`python3 -m venv ${venv} && ${python} -m pip install --quiet pandas scikit-learn pyarrow`
    .nothrow()
    .quiet();
  if (await ready()) return python;
  console.error("skipped: pandas and scikit-learn can't be installed here, so Podium is measured alone.");
  return null;
}

function medianOf(name: string, of: (run: Run) => number): number {
  return median((runs.get(name) ?? []).map(of));
}

function figures(): Record<string, number> {
  const measured = [...runs.keys()].flatMap((name) => [
    [`${name}_s`, medianOf(name, (run) => run.seconds)],
    [`${name}_peak_memory_bytes`, medianOf(name, (run) => run.peakBytes)],
  ]);
  return { rows, rounds: ROUNDS, ...Object.fromEntries(measured) };
}

/** Against the faster of pandas' CSV engines. */
function aimOf(name: string): Aim {
  const aim = {
    name: `${name} of ${rows} rows against pandas + scikit-learn`,
    unit: "of their time",
    aim: 1,
  };
  if (python === null) return { ...aim, measured: null, met: null };
  const theirs = Math.min(
    ...ENGINES.map((engine) => medianOf(`${name}_pandas_${engine}`, (run) => run.seconds)),
  );
  const measured = medianOf(`${name}_podium`, (run) => run.seconds) / theirs;
  return { ...aim, measured, met: measured < 1 };
}
