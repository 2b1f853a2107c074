import type { DuckDBConnection } from "@duckdb/node-api";
import type { NumberMetric } from "../metrics.ts";
import { createJoined, matches, type Sources, TablesDiffer } from "./join.ts";
import { MAX_NUMBER } from "./limits.ts";
import { queryRows } from "./locked-database.ts";

/** A grid for adding terms as integers: steps of 2^-bits, terms up to 2^range. Rows: at most 2^26. */
interface Grid {
  readonly bits: number;
  readonly range: number;
}

/** Fits nearly every contest: terms from a millionth to ten thousand million. */
const USUAL: Grid = { bits: 66, range: 34 };
const SMALLEST_USUAL_MEAN = 2 ** -20;

/**
 * Mean of the metric's term over the joined files, in one pass over each.
 *
 * The terms are added as 128-bit integers on a fixed grid. Such a sum does not depend on the order in which threads
 * come, so the same files give the same score to the last bit, always. Relative error below 2^-46: when the grid
 * turns out too coarse or too small for these numbers, the sum is taken again on one that fits the largest.
 * @throws TablesDiffer
 */
export async function meanError(
  connection: DuckDBConnection,
  metric: NumberMetric,
  sources: Sources,
): Promise<{ score: number; rows: number }> {
  const usual = await meanOnGrid(connection, metric, sources, USUAL);
  const { rows } = usual;
  const largest = metric.largestTerm(usual.largest);
  if (largest === 0 || (largest <= 2 ** USUAL.range && usual.mean >= SMALLEST_USUAL_MEAN)) {
    return { score: metric.finish(usual.mean), rows };
  }
  const range = Math.ceil(Math.log2(largest));
  const bits = Math.min(1_000, USUAL.bits + USUAL.range - range);
  const fitted = await meanOnGrid(connection, metric, sources, { bits, range });
  return { score: metric.finish(fitted.mean), rows };
}

async function meanOnGrid(connection: DuckDBConnection, metric: NumberMetric, sources: Sources, grid: Grid) {
  const term = `least(${metric.term}, ${2 ** grid.range}::DOUBLE)`;
  const read = await createJoined(
    connection,
    sources,
    (joined) =>
      `CREATE OR REPLACE TABLE total AS
       SELECT count(*) AS rows, count(d) AS joined, max(abs(d)) AS largest,
         sum(CAST(${term} * ${2 ** grid.bits}::DOUBLE AS HUGEINT))::VARCHAR AS steps
       FROM (SELECT l.value - p.value AS d FROM ${joined})`,
  );
  const [total] = await queryRows<{ rows: number; joined: number; largest: number; steps: string }>(
    connection,
    "SELECT * FROM total",
  );
  // Not `>`: a NaN must not pass.
  if (!total || !matches(read, total) || !(total.largest <= 2 * MAX_NUMBER)) throw new TablesDiffer();
  // Divided first: the sum of the largest terms may be beyond a double, their mean is not.
  const mean = (Number(BigInt(total.steps)) / total.rows) * 2 ** -grid.bits;
  return { rows: total.rows, largest: total.largest, mean };
}
