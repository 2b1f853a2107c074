import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeParquet } from "../../apps/hub/src/scoring/tables/test-formats.ts";

export interface ScoringTables {
  /** Target column of the labels. */
  readonly target: string;
  readonly labels: string;
  readonly predictions: string;
}

const CLASSES = 10;

export type Subject = "numbers" | "labels" | "scores";
export type Format = "csv" | "parquet";

/**
 * Writes (once) tables of `rows` rows to score, each as CSV and as Parquet: numbers with six decimals, labels of ten
 * classes of which about three quarters are predicted right, and scores of six decimals for a label of two classes.
 * Labels stand in order of id, predictions in random order.
 */
export async function scoringTables(
  folder: string,
  rows: number,
): Promise<Record<Subject, Record<Format, ScoringTables>>> {
  mkdirSync(folder, { recursive: true });
  const path = (name: string, format: Format) => join(folder, `scoring-${rows}-${name}.${format}`);
  const random = xorshift(42);
  const order = shuffledIds(rows, random);
  const target = Float64Array.from({ length: rows }, () => Math.round(random() * 1e7) / 1e6);
  const label = Uint8Array.from({ length: rows }, () => Math.floor(random() * CLASSES));
  const guess = (id: number) => (target[id - 1] ?? 0) + random() - 0.5;
  const draw = (id: number) => (random() < 0.722 ? label[id - 1] : Math.floor(random() * CLASSES));
  const isHit = (at: number) => Number((label[at] ?? 0) >= CLASSES / 2);
  const scored = (id: number) => (random() + isHit(id - 1) * 0.4) / 1.4;
  const write = async (name: string, column: string, row: (at: number) => string | number | undefined) => {
    const csv = path(name, "csv");
    const idOf = column === "prediction" ? (at: number) => order[at] : (at: number) => at + 1;
    await writeTable(csv, `id,${column}`, rows, (at) => `${idOf(at)},${row(at)}\n`);
    if (existsSync(path(name, "parquet"))) return;
    await writeParquet(`${csv}.partial`, `SELECT * FROM read_csv('${csv}')`);
    renameSync(`${csv}.partial`, path(name, "parquet"));
  };
  await write("ratings", "rating", (at) => target[at]);
  await write("guesses", "prediction", (at) => guess(order[at] ?? 1).toFixed(6));
  await write("classes", "class", (at) => label[at]);
  await write("drawn", "prediction", (at) => draw(order[at] ?? 1));
  await write("hits", "hit", isHit);
  await write("scored", "prediction", (at) => scored(order[at] ?? 1).toFixed(6));
  const tables = (column: string, labels: string, predictions: string) => {
    const of = (format: Format) => ({
      target: column,
      labels: path(labels, format),
      predictions: path(predictions, format),
    });
    return { csv: of("csv"), parquet: of("parquet") };
  };
  return {
    numbers: tables("rating", "ratings", "guesses"),
    labels: tables("class", "classes", "drawn"),
    scores: tables("hit", "hits", "scored"),
  };
}

async function writeTable(path: string, header: string, rows: number, row: (at: number) => string) {
  if (existsSync(path)) return;
  const writer = Bun.file(`${path}.partial`).writer();
  writer.write(`${header}\n`);
  for (let from = 0; from < rows; from += 10_000) {
    let text = "";
    for (let at = from; at < Math.min(rows, from + 10_000); at += 1) text += row(at);
    writer.write(text);
    await writer.flush();
  }
  await writer.end();
  renameSync(`${path}.partial`, path);
}

function shuffledIds(rows: number, random: () => number): Uint32Array {
  const ids = Uint32Array.from({ length: rows }, (_, at) => at + 1);
  for (let last = rows - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = ids[last] ?? 0;
    ids[last] = ids[other] ?? 0;
    ids[other] = kept;
  }
  return ids;
}

/** Uniform numbers in [0, 1) that replay: Marsaglia's xorshift32. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
