import type { DuckDBConnection } from "@duckdb/node-api";
import type { ClassCounts, OneClass } from "../class-counts.ts";
import { fileError } from "./file-error.ts";
import { createJoined, matches, type Sources, TablesDiffer } from "./join.ts";
import { MAX_CLASSES, MAX_EXACT_INTEGER } from "./limits.ts";
import { queryRows } from "./locked-database.ts";

/**
 * The confusion table of the joined files as per-class counts. One group-by over the rows; what follows looks at
 * distinct pairs only.
 *
 * Labels are compared as text without blanks at their ends. When every label is a number (|x| ≤ 2^53), numbers
 * that are written differently are equal: "1", "1.0" and "01".
 * @throws TablesDiffer
 */
export async function countClasses(
  connection: DuckDBConnection,
  positiveLabel: string,
  sources: Sources,
): Promise<{ counts: ClassCounts; rows: number }> {
  const read = await createJoined(
    connection,
    sources,
    (joined) =>
      `CREATE TABLE pairs AS SELECT l.value AS target, p.value AS prediction, count(*) AS n FROM ${joined} GROUP BY ALL`,
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
  if (!seen || !matches(read, seen)) throw new TablesDiffer();
  if (seen.numeric && seen.blank + seen.endless > 0) throw new TablesDiffer("numeric-label");
  if (seen.blank > 0) throw new TablesDiffer("label");

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
  const unknown = { classes: rest?.classes ?? 0, fp: rest?.fp ?? 0 };
  return { counts: { classes, unknown, positive: rest?.positive ?? "" }, rows: seen.rows };
}

function trimmed(text: string): string {
  return `trim(${text}, e' \\t\\r\\n')`;
}
