import type { BundleReader } from "./bundle-reader.ts";
import type { ImportedBundle, ImportedColumn, ImportedPhase } from "./imported.ts";
import { fileAt, limitsAt, sortingAt } from "./read-codabench.ts";

type Path = (string | number)[];

const KNOWN = [
  ...[
    "title",
    "description",
    "competition_docker_image",
    "docker_image",
    "html",
    "phases",
    "leaderboard",
    "end_date",
  ],
];
const PHASE = [
  ...[
    "phasenumber",
    "label",
    "name",
    "description",
    "start_date",
    "max_submissions",
    "max_submissions_per_day",
  ],
  ...["execution_time_limit", "reference_data", "scoring_program", "input_data", "ingestion_program"],
  ...["starting_kit", "public_data", "is_scoring_only", "color"],
];
const COLUMN = ["leaderboard", "label", "rank", "sort", "sorting", "numeric_format", "computed", "hidden"];
const COMPUTE: Record<string, "avg" | "sum" | "min" | "max"> = {
  avg: "avg",
  sum: "sum",
  min: "min",
  max: "max",
};

/** Reads a CodaLab bundle (version 1.5), in which a phase ends where the next one starts. */
export function readCodalab(reader: BundleReader): ImportedBundle {
  reader.leaveOut([], KNOWN);
  const html = reader.items(["html"]);
  const columns = readColumns(reader);
  if (columns.length === 0)
    reader.problem(["leaderboard"], "has no columns: they say what ranks the entrants");
  const rankOf = ({ path }: ImportedColumn) =>
    Number(reader.get([...path, "rank"]) ?? Number.POSITIVE_INFINITY);
  const first = columns.toSorted((a, b) => rankOf(a) - rankOf(b))[0];
  return {
    title: reader.required(["title"], "what the contest is called"),
    description: reader.text(["description"]) ?? "",
    image: reader.text(["competition_docker_image"]) ?? reader.text(["docker_image"]),
    terms: fileAt(reader, ["html", "terms"]),
    pages: html.flatMap((key) => {
      const file = key === "terms" ? undefined : fileAt(reader, ["html", key]);
      return file ? [{ ...file, title: String(key) }] : [];
    }),
    phases: readPhases(reader),
    columns,
    primary: Math.max(0, first ? columns.indexOf(first) : 0),
    counts: "best",
    solutions: [],
  };
}

function readPhases(reader: BundleReader): ImportedPhase[] {
  const keys = reader.items(["phases"]);
  if (keys.length === 0) reader.problem(["phases"], "is missing: a contest has at least one phase");
  const phases = keys.map((key, index): ImportedPhase => {
    const path: Path = ["phases", key];
    reader.leaveOut(path, PHASE);
    const part = (name: string) => fileAt(reader, [...path, name]);
    return {
      path,
      title: reader.text([...path, "label"]) ?? reader.text([...path, "name"]) ?? `Phase ${index + 1}`,
      opens: reader.time([...path, "start_date"]),
      closes: undefined,
      ...limitsAt(reader, path),
      train: part("public_data") ?? part("starting_kit"),
      task: {
        index,
        input: part("input_data"),
        reference: part("reference_data"),
        scoring: part("scoring_program"),
        ingestion: part("ingestion_program"),
      },
    };
  });
  const end = reader.time(["end_date"]);
  for (const [index, phase] of phases.entries())
    phase.closes = index + 1 < phases.length ? phases[index + 1]?.opens : end;
  return phases;
}

function readColumns(reader: BundleReader): ImportedColumn[] {
  const at: Path = ["leaderboard", "columns"];
  reader.leaveOut(["leaderboard"], ["leaderboards", "columns"]);
  const [, ...more] = reader.items(["leaderboard", "leaderboards"]);
  for (const key of more)
    reader.note(["leaderboard", "leaderboards", key], "is left out: one board has the columns of all");
  return reader.items(at).map((key) => {
    const path = [...at, key];
    reader.leaveOut(path, COLUMN);
    const operation = reader.text([...path, "computed", "operation"])?.toLowerCase();
    const compute = operation === undefined ? undefined : COMPUTE[operation];
    if (operation !== undefined && compute === undefined)
      reader.problem(
        [...path, "computed", "operation"],
        `"${operation}" is not known: write avg, sum, min or max`,
      );
    const fields = reader.get([...path, "computed", "fields"]);
    const of = (Array.isArray(fields) ? fields.map(String) : String(fields ?? "").split(","))
      .map((each) => each.trim())
      .filter((each) => each !== "");
    const precision = Number(reader.get([...path, "numeric_format"]) ?? Number.NaN);
    return {
      path,
      key: String(key),
      title: reader.text([...path, "label"]) ?? "",
      sorting: sortingAt(reader, [...path, reader.has([...path, "sort"]) ? "sort" : "sorting"]),
      precision: Number.isSafeInteger(precision) && precision >= 0 && precision <= 15 ? precision : undefined,
      hidden: reader.get([...path, "hidden"]) === true,
      computed: compute ? { compute, of } : undefined,
    };
  });
}
