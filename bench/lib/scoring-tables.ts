import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

export interface ScoringTables {
  /** Target column of the labels. */
  readonly target: string;
  readonly labels: string;
  readonly predictions: string;
}

const CLASSES = 10;

/**
 * Writes (once) CSV tables of `rows` rows to score: numbers with six decimals, and labels of ten classes of which
 * about three quarters are predicted right. Labels stand in order of id, predictions in random order.
 */
export async function scoringTables(
  folder: string,
  rows: number,
): Promise<{ numbers: ScoringTables; labels: ScoringTables }> {
  mkdirSync(folder, { recursive: true });
  const path = (name: string) => join(folder, `scoring-${rows}-${name}.csv`);
  const random = xorshift(42);
  const order = shuffledIds(rows, random);
  const target = Float64Array.from({ length: rows }, () => Math.round(random() * 1e7) / 1e6);
  const label = Uint8Array.from({ length: rows }, () => Math.floor(random() * CLASSES));
  const guess = (id: number) => (target[id - 1] ?? 0) + random() - 0.5;
  const draw = (id: number) => (random() < 0.722 ? label[id - 1] : Math.floor(random() * CLASSES));

  await writeTable(path("ratings"), "id,rating", rows, (at) => `${at + 1},${target[at]}\n`);
  await writeTable(
    path("guesses"),
    "id,prediction",
    rows,
    (at) => `${order[at]},${guess(order[at] ?? 1).toFixed(6)}\n`,
  );
  await writeTable(path("classes"), "id,class", rows, (at) => `${at + 1},${label[at]}\n`);
  await writeTable(path("drawn"), "id,prediction", rows, (at) => `${order[at]},${draw(order[at] ?? 1)}\n`);
  return {
    numbers: { target: "rating", labels: path("ratings"), predictions: path("guesses") },
    labels: { target: "class", labels: path("classes"), predictions: path("drawn") },
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
