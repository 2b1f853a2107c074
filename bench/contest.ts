// A real contest's load on one hub: thousands of models of a hundred entrants, how fast they are on the board, and that none is lost.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SQL } from "bun";
import { startStack } from "../scripts/stack/stack.ts";
import { makeContest } from "../tests/lib/contest/make-contest.ts";
import { type Replayed, replayStage } from "../tests/lib/contest/replay.ts";
import type { Stage } from "../tests/lib/contest/stage.ts";
import { logIn } from "../tests/lib/person.ts";
import { report } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    /** Part of each stage's models, 0 to 1; as many entrants take part as long as there is one for each. */
    scale: { type: "string", default: "0.2" },
    /** Rows of a prediction file. */
    rows: { type: "string", default: "1000" },
  },
});
const [scale, rows] = [Number(values.scale), Number(values.rows)];
const scaled = (models: number) => Math.max(1, Math.round(models * scale));

/** Kim et al. 2018, tables 3 and 4. The most that one had is not told of the first stage: a tenth of all. */
const STAGES = [
  stage("stage-1", 93, 3907, 390),
  stage("stage-2", 58, 5267, 732),
  stage("heaviest", 1, 2008, 2008),
];

const folder = mkdtempSync(join(tmpdir(), "podium-bench-contest-"));
const stack = await startStack({ dataDir: join(folder, "data"), fresh: true, processes: ["hub"] });
const sql = new SQL(stack.databaseUrl);
try {
  const organizer = await logIn(stack.hubUrl, stack.admin);
  const of = { name: "replayed", rows, stages: STAGES };
  const contest = await makeContest(stack.hubUrl, organizer, of);
  console.error(`${contest.players.length} have joined`);
  const figures: Record<string, number> = { scale, rows_of_a_file: rows };
  const all: Replayed[] = [];
  let rate = 0;
  for (const [index, stage] of STAGES.entries()) {
    // The first stage is its last hours: all at once. The second comes at three quarters of the rate that that was taken at.
    const paced = index === 1 ? { ...stage, perSecond: (rate * 3) / 4 } : stage;
    const replayed = await replayStage(contest, paced, sql);
    for (const problem of replayed.problems) console.error(problem);
    if (index === 0) rate = replayed.accepted.length / replayed.seconds;
    all.push(replayed);
    Object.assign(figures, figuresOf(replayed));
    console.error(`${stage.name}: ${replayed.accepted.length} in ${replayed.seconds.toFixed(1)} s`);
  }
  const problems = all.flatMap((each) => each.problems);
  figures["submissions"] = all.reduce((sum, { accepted }) => sum + accepted.length, 0);
  const none = { unit: "", aim: 0, measured: problems.length, met: problems.length === 0 };
  const name = "lost, scored twice or wrong, beyond a limit, or a board unlike its recomputation";
  report({ bench: "contest", figures, aims: [{ name, ...none }] });
  if (problems.length > 0) process.exitCode = 1;
} finally {
  await sql.close();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}

function stage(name: string, entrants: number, models: number, maximum: number): Stage {
  const all = scaled(models);
  return { name, entrants: Math.min(entrants, all), models: all, maximum: scaled(maximum), perSecond: null };
}

function figuresOf({ stage, accepted, ...replayed }: Replayed): Record<string, number> {
  const key = stage.name.replace("-", "_");
  const sorted = replayed.visible.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return {
    [`${key}_entrants`]: stage.entrants,
    [`${key}_submissions`]: accepted.length,
    ...(stage.perSecond === null ? {} : { [`${key}_offered_per_minute`]: stage.perSecond * 60 }),
    [`${key}_submissions_per_minute`]: (accepted.length / replayed.seconds) * 60,
    [`${key}_submit_to_visible_p50_ms`]: at(0.5),
    [`${key}_submit_to_visible_p99_ms`]: at(0.99),
    [`${key}_refused_by_limits`]: replayed.refused,
    [`${key}_board_samples`]: replayed.samples,
    [`${key}_rows_equal_to_recomputation`]: replayed.rowsEqual,
    [`${key}_rows_behind_by_what_is_under_way`]: replayed.rowsBehind,
  };
}
