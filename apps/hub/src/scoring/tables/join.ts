import type { DuckDBConnection } from "@duckdb/node-api";
import type { ValueRule } from "./explain.ts";
import { isOutOfMemory, queryRows } from "./locked-database.ts";
import type { Source } from "./source.ts";

export interface Sources {
  readonly labels: Source;
  readonly predictions: Source;
}

/** The two files can't be scored; `explainMismatch` finds out why and names the row. */
export class TablesDiffer extends Error {
  override readonly name = "TablesDiffer";
  constructor(
    /** The rule that a prediction breaks, when that is known already. */
    readonly rule?: ValueRule,
    options?: ErrorOptions,
  ) {
    super("The tables can't be scored.", options);
  }
}

/**
 * Runs `create`, a CREATE TABLE over the full join of predictions `p` and labels `l`, reading each file once and
 * keeping neither.
 * @returns rows read from each file: what DuckDB counted while it ran
 * @throws TablesDiffer when a file can't be read
 */
export async function createJoined(
  connection: DuckDBConnection,
  { labels, predictions }: Sources,
  create: (joined: string) => string,
): Promise<number[]> {
  const sql = create(`(${predictions.select}) p FULL JOIN (${labels.select}) l ON p.id = l.id`);
  try {
    const plans = await queryRows<{ explain_value: string }>(
      connection,
      `EXPLAIN (ANALYZE, FORMAT json) ${sql}`,
    );
    const read = rowsRead(JSON.parse(plans[0]?.explain_value ?? "{}"));
    if (read.length === 2) return read;
    return [await countRows(connection, labels), await countRows(connection, predictions)];
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    throw new TablesDiffer(undefined, { cause: error });
  }
}

/**
 * True when the ids of the two files match one to one. With l and p rows of an id, a full join without a row that
 * lacks its partner has Σ l·p rows; when that is also Σ l and Σ p, then all l = p = 1.
 * @param joined  rows of the join that have both values
 */
export function matches(read: readonly number[], seen: { rows: number; joined: number }): boolean {
  return seen.rows > 0 && seen.joined === seen.rows && read.every((rows) => rows === seen.rows);
}

interface PlanNode {
  operator_name?: string;
  operator_cardinality?: number;
  children?: PlanNode[];
}

/** Rows that each file reader of an analyzed plan gave out. */
function rowsRead(node: PlanNode): number[] {
  const below = (node.children ?? []).flatMap(rowsRead);
  const isReader = /^READ_(CSV|JSON)/.test(node.operator_name ?? "");
  return isReader && node.operator_cardinality !== undefined ? [node.operator_cardinality, ...below] : below;
}

async function countRows(connection: DuckDBConnection, { select }: Source): Promise<number> {
  const [counted] = await queryRows<{ rows: number }>(connection, `SELECT count(*) AS rows FROM (${select})`);
  return counted?.rows ?? 0;
}
