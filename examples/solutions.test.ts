import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildData as buildDigits } from "./digits/build-data.ts";
import { parseCsv } from "./lib/csv.ts";
import { readDemoScript } from "./lib/demo-script.ts";
import type { BuiltData } from "./lib/round-files.ts";
import { infer, train } from "./lib/solutions.ts";
import { buildData as buildMovieScore } from "./movie-score/build-data.ts";
import { buildData as buildWeather } from "./weather/build-data.ts";

let scratch = "";

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "podium-solutions-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

interface Pair {
  truth: string;
  guess: string | number;
}

const meanSquaredError = (pairs: Pair[]) =>
  pairs.reduce((sum, { truth, guess }) => sum + (Number(truth) - Number(guess)) ** 2, 0) / pairs.length;

const accuracy = (pairs: Pair[]) =>
  pairs.filter(({ truth, guess }) => truth === String(guess)).length / pairs.length;

function macroF1(pairs: Pair[]): number {
  const labels = [...new Set(pairs.flatMap(({ truth, guess }) => [truth, String(guess)]))];
  const scores = labels.map((label) => {
    const right = pairs.filter(({ truth, guess }) => truth === label && guess === label).length;
    const mentions =
      pairs.filter(({ truth }) => truth === label).length +
      pairs.filter(({ guess }) => guess === label).length;
    return (2 * right) / mentions;
  });
  return scores.reduce((sum, score) => sum + score, 0) / labels.length;
}

interface Contest {
  name: string;
  buildData: (outDir: string) => Promise<BuiltData>;
  inputs: string;
  target: string;
  score: (pairs: Pair[]) => number;
  /** Round → code folder → score, worst first. */
  scores: Record<string, Record<string, number>>;
}

/** How far a score may move with the sums of another Python or machine; the solutions lie 0.03 and more apart. */
const TOLERANCE = 0.005;

const CONTESTS: Contest[] = [
  {
    name: "movie-score",
    buildData: buildMovieScore,
    inputs: "inputs.csv",
    target: "imdb_rating",
    score: meanSquaredError,
    scores: {
      "round-1": { "mean-baseline": 1.3422, knn: 0.7507, linear: 0.7194, boosting: 0.672 },
      "round-2": { "mean-baseline": 1.4995, knn: 0.7811, linear: 0.7067, boosting: 0.6214 },
    },
  },
  {
    name: "digits",
    buildData: buildDigits,
    inputs: "inputs.jsonl",
    target: "label",
    score: accuracy,
    scores: { main: { "nearest-centroid": 0.778, softmax: 0.875, knn: 0.924 } },
  },
  {
    name: "weather",
    buildData: buildWeather,
    inputs: "inputs.csv",
    target: "weather",
    score: macroF1,
    scores: { main: { majority: 0.1222, "naive-bayes": 0.5008, forest: 0.5761 } },
  },
];

/** Trains in one process, answers the hidden inputs in another, and pairs the answers with the labels. */
async function trainAndInfer(
  contest: Contest,
  roundFolder: string,
  code: string,
  args: string,
): Promise<Pair[]> {
  const work = join(roundFolder, "work", code);
  const folder = join(import.meta.dir, contest.name, "participants", code);
  const trained = await train(work, folder, join(roundFolder, "train"), args);
  expect(trained).toMatchObject({ exitCode: 0, stderr: "" });

  const predictions = join(work, "predictions.jsonl");
  const inferred = await infer(work, folder, join(roundFolder, "inputs", contest.inputs), predictions);
  expect(inferred).toMatchObject({ exitCode: 0, stderr: "" });

  const labels = parseCsv(await Bun.file(join(roundFolder, "labels/labels.csv")).text());
  const truth = new Map(labels.map((row) => [row["id"], row[contest.target] ?? ""]));
  const answers: { id: string; prediction: string | number }[] = (await Bun.file(predictions).text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id }) => id).sort()).toEqual([...truth.keys()].map(String).sort());
  return answers.map(({ id, prediction }) => ({ truth: truth.get(id) ?? "", guess: prediction }));
}

for (const contest of CONTESTS) {
  for (const [round, expected] of Object.entries(contest.scores)) {
    test(`${contest.name} ${round}: each solution trains, answers every hidden row and scores as its README says`, async () => {
      const out = join(scratch, `${contest.name}-${round}`);
      await contest.buildData(out);
      const demo = await readDemoScript(join(import.meta.dir, contest.name));
      const measured: Record<string, number> = {};
      for (const { folder, args } of demo.participants) {
        const code = folder.replace("participants/", "");
        const pairs = await trainAndInfer(contest, join(out, "data", round), code, args);
        measured[code] = contest.score(pairs);
      }

      const byScore = Object.keys(measured).sort((a, b) => (measured[a] ?? 0) - (measured[b] ?? 0));
      const worstFirst = contest.score === meanSquaredError ? byScore.toReversed() : byScore;
      expect(worstFirst).toEqual(Object.keys(expected));
      for (const [code, score] of Object.entries(expected)) {
        expect(Math.abs((measured[code] ?? Number.NaN) - score), code).toBeLessThan(TOLERANCE);
      }
    }, 60_000);
  }
}

test("movie-score's broken model trains, then fails on the hidden films with the column it lacks", async () => {
  const out = join(scratch, "broken");
  await buildMovieScore(out);
  const round = join(out, "data/round-1");
  const folder = join(import.meta.dir, "movie-score/participants/broken");
  expect(await train(out, folder, join(round, "train"), "")).toMatchObject({ exitCode: 0 });

  const failed = await infer(out, folder, join(round, "inputs/inputs.csv"), join(out, "none.jsonl"));
  expect(failed.exitCode).not.toBe(0);
  expect(failed.stderr).toContain("KeyError: 'imdb_rating'");
});

test("movie-score's file with wrong ids names no hidden film", async () => {
  const out = join(scratch, "wrong-ids");
  await buildMovieScore(out);
  const round = join(out, "data/round-1");
  const script = join(import.meta.dir, "movie-score/participants/wrong-ids/make_predictions.py");
  const file = join(out, "predictions.csv");
  const child = Bun.spawn(["python3", script, join(round, "train/train.csv"), file], { timeout: 10_000 });
  expect(await child.exited).toBe(0);

  const hidden = new Set(
    parseCsv(await Bun.file(join(round, "labels/labels.csv")).text()).map((row) => row["id"]),
  );
  const rows = parseCsv(await Bun.file(file).text());
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => hidden.has(row["id"] ?? ""))).toEqual([]);
  expect(rows.every((row) => Number.isFinite(Number(row["prediction"])))).toBe(true);
});
