import { join } from "node:path";
import { toCsv } from "../lib/csv.ts";
import { packageFile } from "../lib/package-file.ts";
import { opaqueId, seededShuffle } from "../lib/random.ts";
import { type BuiltData, emptyDataFolder, writeText } from "../lib/round-files.ts";

const SEED = 1_998;
const PIXELS = 28 * 28;

/** Small on purpose: training in plain Python takes seconds. The package has 10,000 digits. */
const TRAIN_ROWS = 2_000;
const TEST_ROWS = 1_000;

interface Digit {
  id: string;
  label: number;
  /** 28 × 28 grey values 0 (paper) … 255 (ink), row by row. */
  pixels: number[];
}

/** All digits of the package, which keeps them as one list of grey values in 0 … 1 for each label. */
async function readDigits(): Promise<Digit[]> {
  const digits: Digit[] = [];
  for (let label = 0; label < 10; label++) {
    const { data }: { data: number[] } = await Bun.file(
      packageFile("mnist", `src/digits/${label}.json`),
    ).json();
    for (let start = 0; start + PIXELS <= data.length; start += PIXELS) {
      const pixels = data.slice(start, start + PIXELS).map((grey) => Math.round(grey * 255));
      digits.push({ id: opaqueId("digit", digits.length), label, pixels });
    }
  }
  return digits;
}

const jsonLines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Writes the one round under `outDir/data`; images are JSON Lines because 784 CSV columns help nobody. */
export async function buildData(outDir: string): Promise<BuiltData> {
  const shuffled = seededShuffle(await readDigits(), SEED);
  const train = shuffled.slice(0, TRAIN_ROWS);
  const test = shuffled.slice(TRAIN_ROWS, TRAIN_ROWS + TEST_ROWS);

  const folder = join(await emptyDataFolder(outDir), "main");
  await writeText(join(folder, "train/train.jsonl"), jsonLines(train));
  await writeText(
    join(folder, "inputs/inputs.jsonl"),
    jsonLines(test.map(({ id, pixels }) => ({ id, pixels }))),
  );
  const labels = test.map(({ id, label }) => ({ id, label }));
  await writeText(join(folder, "labels/labels.csv"), toCsv(["id", "label"], labels));
  return { rounds: [{ name: "main", train_rows: train.length, test_rows: test.length }] };
}

if (import.meta.main) console.table((await buildData(process.argv[2] ?? import.meta.dirname)).rounds);
