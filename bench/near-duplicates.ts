// How alike honest models' predictions are, and copies with noise, by the estimate that near-duplicates are found with.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NEAR, similarity } from "../apps/hub/src/leaderboards/fairness/rules.ts";
import { scoreFiles } from "../apps/hub/src/scoring/score-files.ts";
import { seeded } from "../apps/hub/src/testing/random.ts";
import { buildData as buildDigits } from "../examples/digits/build-data.ts";
import { infer, train } from "../examples/lib/solutions.ts";
import { buildData as buildMovieScore } from "../examples/movie-score/build-data.ts";
import { buildData as buildWeather } from "../examples/weather/build-data.ts";
import { report } from "./lib/report.ts";

interface Contest {
  name: string;
  build: (folder: string) => Promise<unknown>;
  round: string;
  inputs: string;
  target: string;
  metric: "mse" | "accuracy";
  /** Code folder and arguments; those of one folder are related: the same code, trained otherwise. */
  models: [folder: string, args: string][];
}

const CONTESTS: Contest[] = [
  {
    name: "movie_score",
    build: buildMovieScore,
    round: "round-2",
    inputs: "inputs.csv",
    target: "imdb_rating",
    metric: "mse",
    models: [
      ["linear", ""],
      ["linear", "--seed 2"],
      ["linear", "--epochs 10"],
      ["knn", ""],
      ["knn", "--seed 2"],
      ["boosting", ""],
      ["boosting", "--seed 2"],
      ["boosting", "--depth 2"],
    ],
  },
  {
    name: "digits",
    build: buildDigits,
    round: "main",
    inputs: "inputs.jsonl",
    target: "label",
    metric: "accuracy",
    models: [
      ["nearest-centroid", ""],
      ["softmax", ""],
      ["softmax", "--seed 2"],
      ["softmax", "--epochs 3"],
      ["knn", ""],
    ],
  },
  {
    name: "weather",
    build: buildWeather,
    round: "main",
    inputs: "inputs.csv",
    target: "weather",
    metric: "accuracy",
    models: [
      ["naive-bayes", ""],
      ["forest", ""],
      ["forest", "--seed 2"],
      ["forest", "--depth 5"],
    ],
  },
];

/** Parts of a copy's rows that another honest model answers, and noise on every row in units of the labels' spread. */
const CHANGED = [0.01, 0.02, 0.03, 0.05, 0.1];
const NOISE = [0.0001, 0.001, 0.01];
const DRAWS = 20;

type Answers = Map<string, string | number>;
interface Model {
  family: string;
  name: string;
  answers: Answers;
  print: { digest: string; sketch: string };
}

const figures: Record<string, number> = {};
const scratch = mkdtempSync(join(tmpdir(), "podium-near-"));
try {
  for (const contest of CONTESTS) await measure(contest);
  report({ bench: "near-duplicates", figures, aims: [] });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(contest: Contest): Promise<void> {
  const out = join(scratch, contest.name);
  await contest.build(out);
  const folder = join(out, "data", contest.round);
  const print = printer(contest, folder);
  const models: Model[] = [];
  for (const [family, args] of contest.models) {
    const answers = await answersOf(contest, folder, family, args);
    models.push({ family, name: `${family} ${args}`, answers, print: await print(answers) });
  }
  const pairs = models.flatMap((a, at) =>
    models.slice(at + 1).map((b) => ({ a, b, alike: alike(a.print, b.print) })),
  );
  for (const [kind, isRelated] of [
    ["other_code", false],
    ["same_code", true],
  ] as const) {
    const all = pairs.filter(({ a, b }) => (a.family === b.family) === isRelated);
    const some = all.filter(({ a, b }) => a.print.digest !== b.print.digest);
    figures[`${contest.name}_${kind}_equal_pairs`] = all.length - some.length;
    figures[`${contest.name}_${kind}_pairs`] = some.length;
    figures[`${contest.name}_${kind}_most_alike_share`] = Math.max(...some.map((pair) => pair.alike));
    figures[`${contest.name}_${kind}_told_of`] = some.filter((pair) => pair.alike >= NEAR).length;
  }
  for (const { a, b, alike: share } of pairs)
    console.log(`${contest.name}: ${a.name} / ${b.name}: ${share.toFixed(3)}`);
  await measureCopies(contest, models, print);
}

async function measureCopies(
  { name, metric }: Contest,
  models: readonly Model[],
  print: (answers: Answers) => Promise<Model["print"]>,
): Promise<void> {
  const random = seeded(20_260_101).next;
  const [other, best] = [models[0], models.at(-1)];
  if (!other || !best) throw new Error("A contest needs two models.");
  const told = async (change: (value: string | number, id: string) => string | number) => {
    let found = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const copy = new Map([...best.answers].map(([id, value]) => [id, change(value, id)]));
      if (alike(best.print, await print(copy)) >= NEAR) found++;
    }
    return found / DRAWS;
  };
  for (const part of CHANGED)
    figures[`${name}_copy_${part * 100}_percent_changed_told_share`] = await told((value, id) => {
      if (random() >= part) return value;
      const instead = other.answers.get(id) ?? value;
      return typeof value === "number" && metric === "mse"
        ? value + 1
        : instead === value
          ? `not-${value}`
          : instead;
    });
  if (metric !== "mse") return;
  const values = [...best.answers.values()].map(Number);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  for (const size of NOISE)
    figures[`${name}_copy_noise_${size}_of_spread_told_share`] = await told(
      (value) => Number(value) + size * spread * (2 * random() - 1),
    );
}

function alike(a: Model["print"], b: Model["print"]): number {
  return similarity({ id: "a", ...a }, { id: "b", ...b }) ?? 1;
}

function printer({ metric, target }: Contest, folder: string) {
  const path = join(folder, "printed.jsonl");
  return async (answers: Answers) => {
    writeFileSync(
      path,
      [...answers].map(([id, prediction]) => `${JSON.stringify({ id, prediction })}\n`).join(""),
    );
    const { fingerprint } = await scoreFiles({
      predictionsPath: path,
      labelsPath: join(folder, "labels/labels.csv"),
      targetField: target,
      columns: [{ key: "score", metric }],
      fingerprint: true,
    });
    if (!fingerprint) throw new Error("There is no fingerprint.");
    return fingerprint;
  };
}

async function answersOf(contest: Contest, folder: string, code: string, args: string): Promise<Answers> {
  const work = join(folder, "work", `${code}${args.replaceAll(" ", "_")}`);
  mkdirSync(work, { recursive: true });
  const example = contest.name.replace("_", "-");
  const source = join(import.meta.dir, "..", "examples", example, "participants", code);
  const predictions = join(work, "predictions.jsonl");
  const inputs = join(folder, "inputs", contest.inputs);
  for (const step of [
    () => train(work, source, join(folder, "train"), args),
    () => infer(work, source, inputs, predictions),
  ]) {
    const { exitCode, stderr } = await step();
    if (exitCode !== 0) throw new Error(`${example}/${code} ${args}: ${stderr || `exit code ${exitCode}`}`);
  }
  const lines = readFileSync(predictions, "utf8").trimEnd().split("\n");
  return new Map(lines.map((line) => Object.values(JSON.parse(line)) as [string, string | number]));
}
