import { parseCsv } from "../lib/csv.ts";
import { packageFile } from "../lib/package-file.ts";
import { opaqueId, seededShuffle } from "../lib/random.ts";
import { type BuiltData, emptyDataFolder, writeTableRound } from "../lib/round-files.ts";

const SEED = 2_012;
const TARGET = "weather";

/** The date is left out: neighbouring days would tell a hidden day's weather. */
const FEATURES = ["precipitation", "temp_max", "temp_min", "wind"];

/** Every third day of each kind of weather is a test day, so that rare kinds (26 days of snow) are in both parts. */
const TEST_EVERY = 3;

/** Writes the one round under `outDir/data`. */
export async function buildData(outDir: string): Promise<BuiltData> {
  const text = await Bun.file(packageFile("vega-datasets", "data/seattle-weather.csv")).text();
  const days = parseCsv(text).map(
    (day, place) => ({ ...day, id: opaqueId("day", place) }) as Record<string, string>,
  );

  const seen = new Map<string, number>();
  const parts = { train: [] as typeof days, test: [] as typeof days };
  for (const day of seededShuffle(days, SEED)) {
    const kind = day[TARGET] ?? "";
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    parts[count % TEST_EVERY === 0 ? "test" : "train"].push(day);
  }

  const dataFolder = await emptyDataFolder(outDir);
  const round = await writeTableRound(
    dataFolder,
    { name: "main", ...parts },
    { features: FEATURES, target: TARGET },
  );
  return { rounds: [round] };
}

if (import.meta.main) console.table((await buildData(process.argv[2] ?? import.meta.dirname)).rounds);
