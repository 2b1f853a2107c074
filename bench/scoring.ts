// Scoring of 10 million rows (MSE, accuracy, macro-F1, AUC; CSV, Parquet) against pandas + scikit-learn and polars.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createScorerPool } from "../apps/hub/src/scoring/index.ts";
import { median } from "./lib/median.ts";
import { type Aim, report } from "./lib/report.ts";
import { type Format, type ScoringTables, type Subject, scoringTables } from "./lib/scoring-tables.ts";

const FORMATS: readonly Format[] = ["csv", "parquet"];
const METRICS = {
  mse: "numbers",
  accuracy: "labels",
  f1_macro: "labels",
  roc_auc: "scores",
} as const satisfies Record<string, Subject>;
type Metric = keyof typeof METRICS;
const NAMES = Object.keys(METRICS) as Metric[];
/** The scorer's setting; what it really takes is measured. */
const MEMORY_BYTES = 1024 ** 3;

const root = join(import.meta.dir, "..");
const { values } = parseArgs({
  options: { rows: { type: "string", default: "10000000" }, rounds: { type: "string", default: "3" } },
});
const [rows, rounds] = [Number(values.rows), Number(values.rounds)];
if (!Number.isSafeInteger(rows) || rows < 1 || !Number.isSafeInteger(rounds) || rounds < 1)
  throw new Error("--rows and --rounds take whole numbers, at least 1.");

interface Run {
  seconds: number;
  score: number;
  peakBytes: number;
}

const python = await preparePython();
const tables = await scoringTables(join(root, ".podium", "cache", "bench"), rows);
const runs = new Map<string, Run[]>();
/** What a scorer is warmed up with: starting a process is not measured, as it is not for Python. */
const small = join(root, ".podium", "cache", "bench", "scoring-small.csv");
writeFileSync(small, "id,prediction\n1,1\n2,0\n");

for (let round = 1; round <= rounds; round += 1) {
  for (const format of FORMATS) {
    for (const metric of NAMES) {
      const files = tables[METRICS[metric]][format];
      const ours = await keep(`${metric}_${format}_podium`, () => scoreHere(metric, files));
      if (python === null) continue;
      for (const engine of enginesFor(format)) {
        const theirs = await keep(`${metric}_${format}_${engine}`, () =>
          scoreThere(python, metric, files, engine.replace("pandas_", "")),
        );
        const apart = Math.abs(ours.score - theirs.score) / theirs.score;
        if (apart > 1e-9) throw new Error(`${metric}: ${ours.score} here, ${theirs.score} by ${engine}.`);
      }
    }
  }
}
report({
  bench: "scoring",
  figures: figures(),
  aims: FORMATS.flatMap((format) => NAMES.flatMap((metric) => aimsOf(metric, format))),
});

function enginesFor(format: Format): string[] {
  return format === "csv" ? ["pandas_c", "pandas_pyarrow", "polars"] : ["pandas_pyarrow", "polars"];
}

async function keep(name: string, run: () => Promise<Run>): Promise<Run> {
  const done = await run();
  runs.set(name, [...(runs.get(name) ?? []), done]);
  console.error(
    `${name}: ${done.seconds.toFixed(2)} s, ${Math.round(done.peakBytes / 1024 ** 2)} MiB, score ${done.score}`,
  );
  return done;
}

/** By the way the hub takes: request to the pool, warm child process, answer. A child each: peaks are its own. */
async function scoreHere(metric: Metric, files: ScoringTables): Promise<Run> {
  const pool = createScorerPool({ size: 1, timeoutMs: 300_000, memoryBytes: MEMORY_BYTES });
  const columns = [{ key: metric, metric }];
  try {
    await pool.score({ labelsPath: small, predictionsPath: small, targetField: "prediction", columns });
    const started = performance.now();
    const { scores, peakRssBytes } = await pool.score({
      labelsPath: files.labels,
      predictionsPath: files.predictions,
      targetField: files.target,
      columns,
    });
    const score = scores[metric] as number;
    return { seconds: (performance.now() - started) / 1000, score, peakBytes: peakRssBytes };
  } finally {
    await pool.close();
  }
}

/** In a fresh Python; starting it and importing the libraries is not counted. */
async function scoreThere(
  python: string,
  metric: string,
  files: ScoringTables,
  engine: string,
): Promise<Run> {
  const script = join(import.meta.dir, "lib", "python_score.py");
  const args = [metric, files.target, files.labels, files.predictions, engine];
  const answer = await Bun.$`${python} ${script} ${args}`.json();
  return { seconds: answer.seconds, score: answer.score, peakBytes: answer.peak_memory_bytes };
}

/** A Python with the libraries, made on first use; null, with the reason on stderr, where it can't be. */
async function preparePython(): Promise<string | null> {
  const venv = join(root, ".podium", "bench-venv");
  const python = join(venv, "bin", "python");
  const ready = async () =>
    existsSync(python) &&
    (await Bun.$`${python} -c "import pandas, sklearn, pyarrow, polars"`.nothrow().quiet()).exitCode === 0;
  if (await ready()) return python;
  await Bun.$`python3 -m venv ${venv} && ${python} -m pip install --quiet pandas scikit-learn pyarrow polars`
    .nothrow()
    .quiet();
  if (await ready()) return python;
  console.error(
    `Podium is measured alone: pandas, scikit-learn, pyarrow and polars can't be installed here. By hand: python3 -m venv ${venv} && ${python} -m pip install pandas scikit-learn pyarrow polars`,
  );
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
  return { rows, rounds, memory_setting_bytes: MEMORY_BYTES, ...Object.fromEntries(measured) };
}

/** Against the faster of pandas' engines, and against polars. */
function aimsOf(metric: Metric, format: Format): Aim[] {
  const seconds = (engine: string) => medianOf(`${metric}_${format}_${engine}`, (run) => run.seconds);
  const engines = enginesFor(format);
  const pandas = engines.filter((engine) => engine.startsWith("pandas"));
  const what = `${metric} of ${rows} rows of ${format}`;
  return [
    {
      ...aim(
        `${what}: as fast as pandas + scikit-learn`,
        3,
        Math.min(...pandas.map(seconds)) / seconds("podium"),
      ),
    },
    { ...aim(`${what}: as fast as polars`, 1, seconds("polars") / seconds("podium")) },
  ];
}

function aim(name: string, aimed: number, measured: number): Aim {
  const known = python !== null;
  return {
    name,
    unit: "times",
    aim: aimed,
    measured: known ? measured : null,
    met: known ? measured >= aimed : null,
  };
}
