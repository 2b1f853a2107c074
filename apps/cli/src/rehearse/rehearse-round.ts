import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type CompetitionDefinition,
  durationMs,
  isTextTable,
  orderOf,
  type RoundDefinition,
} from "@podium/shared";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { formatNumber } from "../quantities.ts";
import { readTable, type Table } from "../read-table.ts";
import { answerFile } from "./answer-file.ts";
import { type Answers, answersOf } from "./answers.ts";
import { type Check, doubtful, good, wrong } from "./check.ts";
import { carelessFiles, hostileFiles } from "./hostile-files.ts";
import { faultOfScorer, scorerRunOf, worriesAbout } from "./scorer-run.ts";
import { type Ended, REFUSED, type Stage } from "./stage.ts";
import { hasOwnScorer, triesOf } from "./staged.ts";

export interface RoundRehearsal {
  cli: Cli;
  stage: Stage;
  folder: string;
  definition: CompetitionDefinition;
  round: RoundDefinition;
  /** Files of the organizer's own, to be scored in each round. */
  submissions: readonly string[];
  /** Folders of code of the organizer's own, for rounds with an ingestion program. */
  code: readonly string[];
  /** What a round's rehearsal needs of tries before it looks for the limit. */
  tries: number;
  add(check: Check): void;
}

/** A table this large is not read here; the same bound as the linter's. */
const MAX_TABLE_BYTES = 256 * 1024 ** 2;
const SCORING_MS = 5 * 60_000;

/** How long one submission of a file may take until something must be wrong, ms. */
export function patience({ scorer }: CompetitionDefinition): number {
  return SCORING_MS + (scorer ? durationMs(scorer.timeout) : 0);
}

/** Tries every kind of prediction file on a round that is open. @returns one that is scored; null: none is known */
export async function rehearseFiles(given: RoundRehearsal): Promise<string | null> {
  const { round, add } = given;
  await rehearseOwn(given);
  const answers = answersFor(given);
  if (typeof answers === "string") {
    const why = `${answers}: give a file that is right with --submission FILE`;
    add(doubtful(`${round.name}: the labels as predictions`, why));
    return null;
  }
  const { file, isBroken } = await rehearseScores(given, answers);
  // It would hang, or take all memory, on every other file as well.
  if (isBroken) return null;
  await rehearseSample(given);
  await rehearseHostile(given, answers);
  return file;
}

async function rehearseOwn(given: RoundRehearsal): Promise<void> {
  const { stage, definition, round, submissions, add } = given;
  for (const path of submissions) {
    const what = `${round.name}: ${path}`;
    const ended = await stage.submitPath("predictions", path, patience(definition));
    const fault = await lookAtScorer(given, what, ended);
    if (ended.state === "scored") add(good(what, `score ${formatNumber(ended.score)}`));
    else add(fault ?? wrong(what, whyFailed(ended)));
  }
}

/** Or why there are none. */
export function answersFor({ folder, definition, round }: RoundRehearsal): Answers | string {
  const name = readdirSync(join(folder, round.inputs)).find(isTextTable);
  if (name === undefined) return `${round.inputs} has no CSV or JSONL file`;
  const inputs = tableAt(join(folder, round.inputs, name));
  if (inputs === null) return `${round.inputs}/${name} is too large to make files from`;
  const labels = isTextTable(round.labels) ? tableAt(join(folder, round.labels)) : null;
  return answersOf(definition, round, inputs, labels);
}

function tableAt(path: string): Table | null {
  return existsSync(path) && statSync(path).isFile() && statSync(path).size <= MAX_TABLE_BYTES
    ? readTable(path)
    : null;
}

/**
 * The labels must be the best that there is, and better than knowing nothing. @returns the better file that is scored, and
 * whether the organizer's scorer can't be worked with
 */
async function rehearseScores(
  given: RoundRehearsal,
  answers: Answers,
): Promise<{ file: string | null; isBroken: boolean }> {
  const { stage, definition, round, add } = given;
  const what = (name: string) => `${round.name}: ${name}`;
  const submit = (content: string) =>
    stage.submitFile({ name: "predictions.csv", content }, patience(definition));
  const constant = answerFile(answers, answers.constant);
  const dull = await submit(constant);
  const same = what("the same answer for every row");
  const fault = await lookAtScorer(given, same, dull);
  const failed = hasOwnScorer(definition) ? doubtful : wrong;
  add(
    dull.state === "scored"
      ? good(same, `score ${formatNumber(dull.score)}`)
      : (fault ?? failed(same, whyFailed(dull))),
  );
  if (fault) return { file: null, isBroken: true };
  const orDull = dull.state === "scored" ? constant : null;
  if (answers.perfect === null) {
    const why = `${round.labels} is not read here: give a file that is right with --submission FILE`;
    add(doubtful(what("the labels as predictions"), why));
    return { file: orDull, isBroken: false };
  }
  const file = answerFile(answers, answers.perfect);
  const perfect = await submit(file);
  const right = await lookAtScorer(given, what("the labels as predictions"), perfect);
  add(right ?? judgePerfect(given, perfect, dull));
  return { file: perfect.state === "scored" ? file : orDull, isBroken: right !== null };
}

/** What the run of the organizer's own scorer says of a file that is right; worries are added at once. */
async function lookAtScorer({ cli, definition, add }: RoundRehearsal, what: string, { id, state }: Ended) {
  const run = hasOwnScorer(definition) ? await scorerRunOf(cli, id) : null;
  if (!run) return null;
  if (state !== "scored") return faultOfScorer(what, run);
  for (const worry of worriesAbout(what, run)) add(worry);
  return null;
}

function judgePerfect({ definition, round }: RoundRehearsal, perfect: Ended, dull: Ended): Check {
  const what = `${round.name}: the labels as predictions`;
  if (perfect.state !== "scored" || perfect.score === null)
    return hasOwnScorer(definition)
      ? doubtful(what, `${whyFailed(perfect)} Give a file that your scorer reads with --submission FILE`)
      : wrong(what, whyFailed(perfect));
  const score = formatNumber(perfect.score);
  if (dull.score === null) return good(what, `score ${score}`);
  const order = orderOf(definition.metric);
  const better = order === "ascending" ? perfect.score < dull.score : perfect.score > dull.score;
  if (better) return good(what, `score ${score}`);
  const why = `score ${score}, no better than the same answer for every row (${formatNumber(dull.score)})`;
  return wrong(what, `${why}: is the metric's direction right (${order}), and are the labels?`);
}

/** A trial run of the public sample's own labels. */
async function rehearseSample({ stage, folder, definition, round, add }: RoundRehearsal): Promise<void> {
  const { sample } = round;
  if (!sample) return;
  const what = `${round.name}: a trial run on the public sample`;
  const labels = isTextTable(sample.labels) ? tableAt(join(folder, sample.labels)) : null;
  if (labels === null) return add(doubtful(what, `${sample.labels} is not read here`));
  const answers = answersOf(definition, round, labels, labels);
  const content = answerFile(answers, answers.perfect ?? answers.constant);
  const ended = await stage.submitFile({ name: "predictions.csv", content }, patience(definition), true);
  add(
    ended.state === "scored"
      ? good(what, `score ${formatNumber(ended.score)}`)
      : wrong(what, whyFailed(ended)),
  );
}

async function rehearseHostile(given: RoundRehearsal, answers: Answers): Promise<void> {
  const { stage, definition, round, add } = given;
  const own = definition.metric.name === "custom";
  for (const file of own ? carelessFiles(answers) : hostileFiles(answers, round.limits)) {
    const ended = await stage.submitFile(file, patience(definition));
    add(judgeHostile(`${round.name}: ${file.what}`, ended, own));
  }
}

function judgeHostile(what: string, ended: Ended, own: boolean): Check {
  if (ended.state === "scored") {
    const scored = `scores ${formatNumber(ended.score)}`;
    return own
      ? doubtful(what, `${scored}: should your scorer refuse it? It may end with an error`)
      : wrong(what, `${scored} and must be refused: please report this`);
  }
  const { code, message } = ended.failure ?? { code: "unknown", message: "no reason was given" };
  if (code === "scorer_failed")
    return good(what, "your scorer ends with an error: it costs no try, and you are told");
  const refused = code === "invalid_predictions" || code === REFUSED;
  return refused ? good(what, `refused: ${message}`) : wrong(what, message);
}

/** Hands in a file that is scored until the hub takes no more. */
export async function rehearseLimits(given: RoundRehearsal, content: string | null): Promise<void> {
  const { stage, definition, round, tries, add } = given;
  const most = triesOf(round, tries);
  const what = `${round.name}: limit of submissions`;
  if (content === null) return add(doubtful(what, "not tried: no file that is scored was known"));
  try {
    while (stage.used <= most)
      await stage.submitFile({ name: "predictions.csv", content }, patience(definition));
    add(wrong(what, `${stage.used} submissions were taken, and ${most} are allowed: please report this`));
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "limit_reached") throw error;
    if (stage.used !== most)
      return add(wrong(what, `refused after ${stage.used} of ${most}: ${error.message}`));
    const { per_day, total } = round.limits;
    const real = Math.min(per_day, total);
    const note =
      real === most ? "" : ` (tried with ${most} a day in place of ${per_day} a day and ${total} in all)`;
    add(good(what, `submission ${most + 1} is refused${note}`));
  }
}

/** Why a submission failed, with its code. */
export function whyFailed({ failure }: Ended): string {
  return failure ? `${failure.code}: ${failure.message}` : "it failed without a reason";
}
