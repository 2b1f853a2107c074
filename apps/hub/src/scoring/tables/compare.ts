import type { DuckDBConnection } from "@duckdb/node-api";
import type { ClassCounts, OneClass } from "../class-counts.ts";
import type { NumberMetric } from "../metrics.ts";
import type { ValueRule } from "./explain.ts";
import { fileError } from "./file-error.ts";
import { MAX_CLASSES, MAX_EXACT_INTEGER, MAX_NUMBER } from "./limits.ts";
import { queryRows } from "./locked-database.ts";

/** What a comparison gives when ids do not match one to one, or a value is empty, NaN, infinite or too large. */
export const MISMATCH = Symbol("the tables do not match");

/** The rule that a prediction breaks: it is blank, or NaN or infinite where the labels are numbers. */
interface Broken {
  readonly broken: Exclude<ValueRule, "number">;
}

/** The ids of the two tables match one to one exactly when the full join has as many rows as each of them,
 *  and none without a partner: with l and p rows of an id, Σ l·p = Σ l = Σ p and all l, p ≥ 1 leave l = p = 1. */
const JOIN = "predictions p FULL JOIN labels l ON p.id = l.id";

/**
 * Mean of the metric's term over the joined rows.
 *
 * The terms are added as integers (a fixed-point grid of 2^-k, k chosen by the largest term): such a sum does
 * not depend on the order in which threads come, so the same files give the same score to the last bit, always.
 * The grid is finer than a double's 53 bits relative to the largest term; the result is rounded twice.
 */
export async function meanError(
  connection: DuckDBConnection,
  metric: NumberMetric,
  rows: number,
): Promise<number | typeof MISMATCH> {
  await connection.run(`CREATE TABLE errors AS SELECT l.value - p.value AS d FROM ${JOIN}`);
  const [seen] = await queryRows<{ rows: number; joined: number; largest: number }>(
    connection,
    "SELECT count(*) AS rows, count(d) AS joined, max(abs(d)) AS largest FROM errors",
  );
  if (!seen || seen.rows !== rows || seen.joined !== rows) return MISMATCH;
  if (!(seen.largest <= 2 * MAX_NUMBER)) return MISMATCH;
  const largest = metric.largestTerm(seen.largest);
  if (largest === 0) return metric.finish(0);

  const bits = 125 - Math.ceil(Math.log2(rows + 1)) - Math.ceil(Math.log2(largest));
  const scale = 2 ** Math.max(-1000, Math.min(1000, bits));
  const [total] = await queryRows<{ sum: string }>(
    connection,
    `SELECT CAST(sum(CAST(${metric.term} * $1::DOUBLE AS HUGEINT)) AS VARCHAR) AS sum FROM errors`,
    [String(scale)],
  );
  return metric.finish(Number(BigInt(total?.sum ?? "0")) / rows / scale);
}

/**
 * The confusion table of the joined rows as per-class counts. One group-by over the rows; what follows looks at
 * distinct pairs only.
 *
 * Labels are compared as text without blanks at their ends. When every label is a number (|x| ≤ 2^53), numbers
 * that are written differently are equal: "1", "1.0" and "01".
 */
export async function countClasses(
  connection: DuckDBConnection,
  positiveLabel: string,
  rows: number,
): Promise<ClassCounts | typeof MISMATCH | Broken> {
  await connection.run(
    `CREATE TABLE pairs AS SELECT l.value AS target, p.value AS prediction, count(*) AS n FROM ${JOIN} GROUP BY ALL`,
  );
  const [seen] = await queryRows<{
    rows: number;
    joined: number;
    numeric: boolean;
    blank: number;
    endless: number;
  }>(
    connection,
    `SELECT sum(n)::BIGINT AS rows, coalesce(sum(n) FILTER (target IS NOT NULL AND prediction IS NOT NULL), 0)::BIGINT AS joined,
       bool_and(coalesce(abs(TRY_CAST(target AS DOUBLE)) <= ${MAX_EXACT_INTEGER}, false)) AS numeric,
       count(*) FILTER (${trimmed("prediction")} = '') AS blank,
       count(*) FILTER (NOT isfinite(TRY_CAST(prediction AS DOUBLE))) AS endless
     FROM pairs`,
  );
  if (!seen || seen.rows !== rows || seen.joined !== rows) return MISMATCH;
  if (seen.numeric && seen.blank + seen.endless > 0) return { broken: "numeric-label" };
  if (seen.blank > 0) return { broken: "label" };

  // Adding 0.0 makes −0 and 0 one class.
  const same = (text: string) =>
    seen.numeric ? `coalesce((TRY_CAST(${text} AS DOUBLE) + 0.0)::VARCHAR, ${trimmed(text)})` : trimmed(text);
  await connection.run(
    `CREATE TABLE classes AS SELECT label, sum(tp)::BIGINT AS tp, sum(guessed)::BIGINT AS guessed, sum(support)::BIGINT AS support
     FROM (SELECT ${same("target")} AS label, if(${same("target")} = ${same("prediction")}, n, 0) AS tp, 0 AS guessed, n AS support FROM pairs
           UNION ALL SELECT ${same("prediction")}, 0, n, 0 FROM pairs) GROUP BY label`,
  );
  const classes = await queryRows<OneClass>(
    connection,
    `SELECT label, tp, guessed - tp AS fp, support - tp AS fn FROM classes WHERE support > 0 ORDER BY label LIMIT ${MAX_CLASSES + 1}`,
  );
  if (classes.length > MAX_CLASSES) {
    const rest = `has more than ${MAX_CLASSES} different labels. Choose a metric of numbers for such a target.`;
    throw fileError("labels", "too_many_classes", rest);
  }
  const [rest] = await queryRows<{ classes: number; fp: number; positive: string }>(
    connection,
    `SELECT count(*) AS classes, coalesce(sum(guessed), 0)::BIGINT AS fp, ${same("$1::VARCHAR")} AS positive FROM classes WHERE support = 0`,
    [positiveLabel],
  );
  return {
    classes,
    unknown: { classes: rest?.classes ?? 0, fp: rest?.fp ?? 0 },
    positive: rest?.positive ?? "",
  };
}

function trimmed(text: string): string {
  return `trim(${text}, e' \\t\\r\\n')`;
}
