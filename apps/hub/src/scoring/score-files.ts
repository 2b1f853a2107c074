import type { DuckDBConnection } from "@duckdb/node-api";
import { METRIC_CATALOGUE } from "./metrics.ts";
import { type ScoreRequest, type ScoreResult, scoreRequestSchema } from "./score-request.ts";
import { countClasses } from "./tables/count-classes.ts";
import { explainMismatch } from "./tables/explain-mismatch.ts";
import { fileError } from "./tables/file-error.ts";
import { TablesDiffer } from "./tables/join.ts";
import { isOutOfMemory, withLockedDatabase } from "./tables/locked-database.ts";
import { meanError } from "./tables/mean-error.ts";
import { sourceOf } from "./tables/source.ts";
import { openTableFile, type TableFile } from "./tables/table-file.ts";

/**
 * Scores a predictions file against a labels file, CSV or JSONL each, joined by id (compared as text).
 * The same files give the same score to the last bit, whatever the threads do.
 *
 * @throws DomainError `invalid_predictions`: the entrant's to repair; names the row (`details.row`, the line of the
 *   file) and the id; no label's value is in it. `invalid_bundle`: the labels file is bad, the organizer's to repair.
 */
export async function scoreFiles(input: ScoreRequest): Promise<ScoreResult> {
  const request = scoreRequestSchema.parse(input);
  await using labels = await openTableFile(request.labelsPath, "labels", Number.POSITIVE_INFINITY);
  await using predictions = await openTableFile(
    request.predictionsPath,
    "predictions",
    request.limits.maxBytes,
  );
  const { memoryBytes, threads } = request.limits;
  try {
    return await withLockedDatabase(
      { paths: [labels.path, predictions.path], memoryBytes, threads },
      (connection) => scoreTables(connection, request, labels, predictions),
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

async function scoreTables(
  connection: DuckDBConnection,
  request: ReturnType<typeof scoreRequestSchema.parse>,
  labels: TableFile,
  predictions: TableFile,
): Promise<ScoreResult> {
  const { idField, targetField, predictionField } = request;
  const metric = METRIC_CATALOGUE[request.metric];
  if (!metric) throw new Error(`The scorer does not know the metric ${request.metric}.`);
  const sources = {
    labels: sourceOf(labels, idField, [targetField], metric.values),
    predictions: sourceOf(predictions, idField, [predictionField, targetField], metric.values),
  };
  try {
    if (metric.values === "number") return await meanError(connection, metric, sources);
    const { counts, rows } = await countClasses(connection, request.options.positive_label, sources);
    return { score: metric.score(counts), rows };
  } catch (error) {
    throw error instanceof TablesDiffer
      ? await explainMismatch(connection, sources, metric.values, error)
      : error;
  }
}
