import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Row, toCsv } from "./csv.ts";

export interface BuiltRound {
  name: string;
  train_rows: number;
  test_rows: number;
}

/** What a `build-data.ts` answers. */
export interface BuiltData {
  rounds: BuiltRound[];
}

export interface TableRound {
  name: string;
  /** Rows hold `id`, the features and the target. */
  train: readonly Row[];
  test: readonly Row[];
}

/** Empties and recreates `outDir/data`, so that no file of an earlier build is left. */
export async function emptyDataFolder(outDir: string): Promise<string> {
  const folder = join(outDir, "data");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Writes a file and the folders above it. */
export async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, text);
}

/**
 * Writes one round of a table contest: `train/train.csv` with the target, `inputs/inputs.csv` without it,
 * `labels/labels.csv` with `id` and the target alone.
 */
export async function writeTableRound(
  dataFolder: string,
  round: TableRound,
  columns: { features: readonly string[]; target: string },
): Promise<BuiltRound> {
  const folder = join(dataFolder, round.name);
  const inputs = ["id", ...columns.features];
  await writeText(join(folder, "train/train.csv"), toCsv([...inputs, columns.target], round.train));
  await writeText(join(folder, "inputs/inputs.csv"), toCsv(inputs, round.test));
  await writeText(join(folder, "labels/labels.csv"), toCsv(["id", columns.target], round.test));
  return { name: round.name, train_rows: round.train.length, test_rows: round.test.length };
}
