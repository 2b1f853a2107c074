import type { DuckDBConnection } from "@duckdb/node-api";
import { DomainError } from "@podium/shared";
import { coarseStep } from "./coarse-step.ts";
import { fingerprint } from "./fingerprint.ts";
import { present } from "./metrics/columns.ts";
import { planOf } from "./metrics/index.ts";
import { type Cells, ColumnProblem, type Plan, UndefinedScore, type WantedColumn } from "./metrics/plan.ts";
import { type RowColumn, writeRowValues } from "./row-values.ts";
import {
  type ParsedScoreRequest,
  type ScoreRequest,
  type ScoreResult,
  type Scores,
  scoreRequestSchema,
} from "./score-request.ts";
import { publicRows, splitColumn } from "./split-rows.ts";
import type { Asked } from "./tables/asked.ts";
import { someOf } from "./tables/cells.ts";
import { explainFile } from "./tables/explain.ts";
import { explainMismatch } from "./tables/explain-mismatch.ts";
import { fileError } from "./tables/file-error.ts";
import { loadCells, mostRows } from "./tables/load.ts";
import { isOutOfMemory, withLockedDatabase } from "./tables/locked-database.ts";
import { sourceOf } from "./tables/source.ts";
import { openTableFile, type TableFile } from "./tables/table-file.ts";
import { TablesDiffer } from "./tables/tables-differ.ts";

/** DuckDB's share of the memory; the arrays that metrics are computed from have the rest. */
const DATABASE_SHARE = 0.6;

/** Texts of a Parquet file up to here are accepted however small the labels are. */
const MIN_TEXT_BYTES = 64 * 1024 ** 2;

/**
 * Scores a predictions file against a labels file, joined by id (compared as text), by one or more metrics.
 * The same files give the same scores to the last bit, whatever the threads do.
 *
 * @throws DomainError `invalid_predictions`: the entrant's to repair; names the row (`details.row`, the line of the
 *   file) and the id; no label's value is in it. `invalid_bundle`: the labels file is bad, or leaves a metric
 *   undefined: the organizer's to repair.
 */
export async function scoreFiles(input: ScoreRequest): Promise<ScoreResult> {
  const request = parsed(input);
  const { memoryBytes, maxBytes } = request.limits;
  await using labels = await openTableFile(request.labelsPath, "labels", Number.POSITIVE_INFINITY);
  await using predictions = await openTableFile(request.predictionsPath, "predictions", maxBytes);
  try {
    const limits = { paths: [labels.path, predictions.path], ...databaseLimits(request) };
    return await withLockedDatabase(limits, (connection) =>
      scoreTables(connection, request, labels, predictions),
    );
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    // Whose fault? A file far larger than the labels is the entrant's; else the scorer has too little memory.
    if (predictions.bytes > 4 * labels.bytes) {
      const rest = `needs more than ${memoryBytes} bytes of memory to be scored. Write only the id and the prediction.`;
      throw fileError("predictions", "too_large", rest);
    }
    throw new Error(
      `Scoring needs more than its ${memoryBytes} bytes of memory. Raise the scorer's memory.`,
      { cause: error },
    );
  }
}

function databaseLimits({ limits }: ParsedScoreRequest) {
  return { memoryBytes: Math.floor(limits.memoryBytes * DATABASE_SHARE), threads: limits.threads };
}

/** A metric with options that it does not have is the organizer's to repair; any other bad request is a bug. */
function parsed(input: ScoreRequest): ParsedScoreRequest {
  const request = scoreRequestSchema.safeParse(input);
  if (request.success) return request.data;
  const wrong = request.error.issues.find(({ path }) => path.includes("options"));
  if (!wrong) throw request.error;
  throw new DomainError("invalid_bundle", `A metric of the competition can't be computed: ${wrong.message}.`);
}

interface Planned {
  readonly key: string;
  readonly plan: Plan;
}

async function scoreTables(
  connection: DuckDBConnection,
  request: ParsedScoreRequest,
  labels: TableFile,
  predictions: TableFile,
): Promise<ScoreResult> {
  const planned = request.columns.map(({ key, spec }) => ({ key, plan: planOf(spec, request) }));
  const wanted = present([...planned.flatMap(({ plan }) => plan.columns), splitColumn(request.split)]);
  const asked = askedOf(request, labels, predictions, wanted);
  try {
    const cells = await loadCells(connection, asked);
    const marks = request.split
      ? await publicRows(connection, request.split, asked.sources.labels, cells)
      : null;
    const result: ScoreResult = scoresOf(planned, cells, "");
    if (marks) {
      result.public = scoresOf(planned, someOf(cells, marks, 1), " in the public rows");
      result.private = scoresOf(planned, someOf(cells, marks, 0), " in the private rows");
    }
    if (request.rowValuesPath !== undefined) {
      const columns = rowColumns(planned, cells, marks);
      await writeRowValues(request.rowValuesPath, cells.rows, columns);
      result.rowValues = columns.map(({ name }) => name);
    }
    if (request.fingerprint) {
      const step = coarseStep(wanted, cells);
      result.fingerprint = await fingerprint(connection, asked.sources, step);
    }
    return result;
  } catch (error) {
    if (error instanceof TablesDiffer) throw await explainMismatch(connection, asked.sources, error);
    if (error instanceof ColumnProblem) throw await explainColumn(connection, asked, error);
    throw error;
  }
}

function askedOf(
  request: ParsedScoreRequest,
  labels: TableFile,
  predictions: TableFile,
  wanted: readonly WantedColumn[],
): Asked {
  const of = (file: TableFile) =>
    sourceOf(
      file,
      request.idField,
      wanted.filter((column) => column.file === file.role),
    );
  const [truth, guess] = [of(labels), of(predictions)];
  const sources = { labels: truth.source, predictions: guess.source };
  return {
    sources,
    placeOf: { labels: truth.placeOf, predictions: guess.placeOf },
    database: databaseLimits(request),
    maxRows: mostRows(sources, request.limits.memoryBytes * (1 - DATABASE_SHARE)),
    maxTextBytes: Math.min(request.limits.maxBytes, Math.max(4 * labels.bytes, MIN_TEXT_BYTES)),
  };
}

/** @param where  which rows these are, for messages */
function scoresOf(planned: readonly Planned[], cells: Cells, where: string): Scores {
  const scores: Record<string, number> = {};
  for (const { key, plan } of planned) scores[key] = scoreOf(key, plan, cells, where);
  return { scores, rows: cells.rows };
}

function scoreOf(key: string, plan: Plan, cells: Cells, where: string): number {
  try {
    if (plan.weight && !cells.numbers(plan.weight).some((weight) => weight > 0)) {
      throw new UndefinedScore("all weights are 0");
    }
    const score = plan.score(cells);
    if (Number.isFinite(score)) return score;
  } catch (error) {
    if (!(error instanceof UndefinedScore)) throw error;
    const rest = `leaves the metric "${key}" undefined${where}: ${error.message}.`;
    throw fileError("labels", "undefined_metric", rest, { metric: key });
  }
  const rest = `gives errors too large to add for the metric "${key}". Write numbers of the targets' size.`;
  throw fileError("predictions", "out_of_range", rest, { metric: key });
}

/** Which rows are public, then each decomposable metric's values and, where rows weigh differently, its weights. */
function rowColumns(planned: readonly Planned[], cells: Cells, marks: Uint8Array | null): RowColumn[] {
  const columns: RowColumn[] = marks ? [{ name: "public", values: marks }] : [];
  for (const { key, plan } of planned) {
    if (!plan.rowValues) continue;
    columns.push({ name: key, values: plan.rowValues(cells) });
    if (plan.weight) columns.push({ name: `${key}:weight`, values: cells.numbers(plan.weight) });
  }
  return columns;
}

async function explainColumn(connection: DuckDBConnection, asked: Asked, problem: ColumnProblem) {
  if (problem.rule === "class-sum") return fileError("predictions", "out_of_range", problem.message);
  const source = asked.sources.predictions;
  const name = source.columns.values[asked.placeOf.predictions(problem.column)]?.name ?? "";
  return explainFile(connection, source, { name, rule: problem.rule });
}
