import type { Row } from "../lib/csv.ts";
import { packageFile } from "../lib/package-file.ts";
import { opaqueId, seededShuffle } from "../lib/random.ts";
import { type BuiltData, emptyDataFolder, writeTableRound } from "../lib/round-files.ts";

const SEED = 20_180_712;
const TARGET = "imdb_rating";

/** Our column ← the field in `movies.json`. The rating itself is the target and never a feature. */
const SOURCE_FIELDS = {
  title: "Title",
  release_date: "Release Date",
  mpaa_rating: "MPAA Rating",
  running_time_min: "Running Time min",
  distributor: "Distributor",
  source: "Source",
  major_genre: "Major Genre",
  creative_type: "Creative Type",
  director: "Director",
  production_budget: "Production Budget",
  us_gross: "US Gross",
  worldwide_gross: "Worldwide Gross",
  us_dvd_sales: "US DVD Sales",
  rotten_tomatoes_rating: "Rotten Tomatoes Rating",
  imdb_votes: "IMDB Votes",
} as const;

/** The newest film is of 2011; a later year is a two-digit year in the wrong century (Wings, 2027). */
const NEWEST_YEAR = 2011;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function isoDate(text: string): string {
  const [month = "", day = "", year = ""] = text.split(" ");
  const number = MONTHS.indexOf(month) + 1;
  if (number === 0) throw new Error(`Not a date as in movies.json ("Jun 12 1998"): ${text}`);
  const century = Number(year) > NEWEST_YEAR ? Number(year) - 100 : Number(year);
  return `${century}-${String(number).padStart(2, "0")}-${day}`;
}

function filmRow(film: Row, place: number): Row {
  const row: Row = { id: opaqueId("film", place) };
  for (const [column, field] of Object.entries(SOURCE_FIELDS)) row[column] = film[field] ?? null;
  return {
    ...row,
    release_date: isoDate(String(film["Release Date"])),
    [TARGET]: film["IMDB Rating"] ?? null,
  };
}

/**
 * Writes both rounds under `outDir/data`. Round 2 has twice the films of round 1, to train on and to be tested
 * on, and its training films contain round 1's: the way a contest grows. No test film is ever a training film.
 */
export async function buildData(outDir: string): Promise<BuiltData> {
  const films: Row[] = await Bun.file(packageFile("vega-datasets", "data/movies.json")).json();
  const rated = films.filter((film) => film["IMDB Rating"] !== null).map(filmRow);
  const shuffled = seededShuffle(rated, SEED);

  // 2 parts train + 1 part test for round 1's size, counted so that twice both fits beside it.
  const test1 = Math.floor(rated.length / 9);
  const train1 = 3 * test1;
  const trainFilms = shuffled.slice(0, 2 * train1);
  const testFilms = shuffled.slice(2 * train1, 2 * train1 + 3 * test1);

  const dataFolder = await emptyDataFolder(outDir);
  const columns = { features: Object.keys(SOURCE_FIELDS), target: TARGET };
  const rounds = [
    { name: "round-1", train: trainFilms.slice(0, train1), test: testFilms.slice(0, test1) },
    { name: "round-2", train: trainFilms, test: testFilms.slice(test1) },
  ];
  return { rounds: await Promise.all(rounds.map((round) => writeTableRound(dataFolder, round, columns))) };
}

if (import.meta.main) console.table((await buildData(process.argv[2] ?? import.meta.dirname)).rounds);
