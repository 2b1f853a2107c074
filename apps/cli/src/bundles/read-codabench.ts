import type { BundleReader } from "./bundle-reader.ts";
import {
  DEFAULTS,
  type ImportedBundle,
  type ImportedColumn,
  type ImportedPhase,
  type ImportedTask,
  type Named,
} from "./imported.ts";

type Path = (string | number)[];

const KNOWN = [
  ...["version", "title", "description", "docker_image", "terms", "pages", "tasks", "solutions", "phases"],
  ...["leaderboard", "leaderboards"],
];
const PHASE = [
  ...["index", "name", "description", "start", "end", "max_submissions", "max_submissions_per_day"],
  ...["execution_time_limit", "tasks", "solutions", "public_data", "starting_kit"],
  ...["auto_migrate_to_this_phase", "hide_output", "hide_prediction_output", "hide_score_output"],
];
const COLUMN = [
  ...["title", "key", "index", "sorting", "precision", "computation", "computation_indexes", "hidden"],
];
const TASK = [
  ...["index", "name", "description", "input_data", "reference_data", "scoring_program", "ingestion_program"],
];

/** Reads a Codabench bundle (version 2). What is wrong is left with the reader. */
export function readCodabench(reader: BundleReader): ImportedBundle {
  reader.leaveOut([], KNOWN);
  const tasks = reader.items(["tasks"]).map((key) => readTask(reader, ["tasks", key], Number(key)));
  if (tasks.length === 0) reader.problem(["tasks"], "is missing: a phase is scored by a task");
  const boards = ["leaderboards", "leaderboard"].find((key) => reader.has([key])) ?? "leaderboards";
  const [board, ...more] = reader.items([boards]);
  if (board === undefined) reader.problem([boards], "is missing: it says what ranks the entrants");
  if (board !== undefined) tellOfBoard(reader, [boards, board]);
  for (const key of more)
    reader.note([boards, key], "is left out: a Podium competition has one board with all its columns");
  const at = [boards, board ?? 0];
  return {
    title: reader.required(["title"], "what the contest is called"),
    description: reader.text(["description"]) ?? "",
    image: reader.text(["docker_image"]),
    terms: fileAt(reader, ["terms"]),
    pages: reader.items(["pages"]).flatMap((key) => {
      reader.leaveOut(["pages", key], ["title", "file", "index"]);
      const file = fileAt(reader, ["pages", key, "file"]);
      return file
        ? [{ ...file, title: reader.required(["pages", key, "title"], "what the page is called") }]
        : [];
    }),
    phases: readPhases(reader, tasks),
    columns: readColumns(reader, [...at, "columns"]),
    primary: reader.has([...at, "primary_index"]) ? Number(reader.get([...at, "primary_index"])) || 0 : 0,
    counts: readRule(reader, [...at, "submission_rule"]),
    solutions: reader.items(["solutions"]).flatMap((key) => {
      // Solutions are compared with the truth and not taken over: what they are called is all the same.
      reader.leaveOut(["solutions", key], ["index", "name", "description", "path", "tasks"]);
      const file = fileAt(reader, ["solutions", key, "path"]);
      return file ? [{ ...file, tasks: numbers(reader, ["solutions", key, "tasks"]) }] : [];
    }),
  };
}

function tellOfBoard(reader: BundleReader, path: Path): void {
  // A board is called after its round; `key` and `index` tell several boards apart.
  reader.leaveOut(path, ["title", "key", "index", "primary_index", "submission_rule", "columns", "hidden"]);
  if (reader.get([...path, "hidden"]) === true)
    reader.problem(
      [...path, "hidden"],
      "would hide the board from entrants, and is left out: take this line away, and give the rounds of the converted contest a `freeze` as long as they are",
    );
}

export function fileAt(reader: BundleReader, path: Path): Named | undefined {
  const file = reader.text(path);
  return file === undefined ? undefined : { file, path };
}

const numbers = (reader: BundleReader, path: Path): number[] =>
  reader.items(path).map((key) => Number(reader.get([...path, key])));

function readTask(reader: BundleReader, path: Path, position: number): ImportedTask {
  // `is_public` is about Codabench's list of tasks: here nothing of a task is anybody's but the organizer's.
  reader.leaveOut(path, [...TASK, "key", "ingestion_only_during_scoring", "is_public"]);
  if (reader.get([...path, "ingestion_only_during_scoring"]) === true)
    reader.problem(
      [...path, "ingestion_only_during_scoring"],
      "would run the ingestion program beside the labels: in Podium entrants' code never sees them. Have the scoring program do that part on what was predicted, and leave this out",
    );
  if (reader.has([...path, "key"]))
    reader.problem(
      [...path, "key"],
      "names a task of the server where the bundle was made: the bundle must hold its files. Export it with them",
    );
  const part = (key: string) => fileAt(reader, [...path, key]);
  return {
    index: reader.has([...path, "index"]) ? Number(reader.get([...path, "index"])) : position,
    input: part("input_data"),
    reference: part("reference_data"),
    scoring: part("scoring_program"),
    ingestion: part("ingestion_program"),
  };
}

function readPhases(reader: BundleReader, tasks: readonly ImportedTask[]): ImportedPhase[] {
  const keys = reader.items(["phases"]);
  if (keys.length === 0) reader.problem(["phases"], "is missing: a contest has at least one phase");
  const phases = keys.map((key): ImportedPhase => {
    const path: Path = ["phases", key];
    reader.leaveOut(path, PHASE);
    tellDifferences(reader, path);
    const wanted = numbers(reader, [...path, "tasks"]);
    if (wanted.length === 0)
      reader.problem([...path, "tasks"], "is missing: name the task that it is scored by");
    if (wanted.length > 1) reader.problem([...path, "tasks"], severalTasks(wanted.length));
    const task = tasks.find(({ index }) => index === wanted[0]);
    if (!task && wanted.length === 1) reader.problem([...path, "tasks"], `there is no task ${wanted[0]}`);
    return {
      path,
      title: reader.text([...path, "name"]) ?? `Phase ${Number(key) + 1}`,
      opens: reader.time([...path, "start"]),
      closes: reader.time([...path, "end"]),
      ...limitsAt(reader, path),
      train: fileAt(reader, [...path, "public_data"]) ?? fileAt(reader, [...path, "starting_kit"]),
      task,
    };
  });
  for (const [index, phase] of phases.entries()) phase.closes ??= phases[index + 1]?.opens;
  return phases;
}

const severalTasks = (count: number) =>
  `names ${count} tasks, and a Podium round has one set of inputs and labels, one hash of them and one limit. Make a phase of each task, one after the other; or make one task, whose input_data and reference_data hold a folder of each and whose scoring program writes a value of its own for each (accuracy_1, accuracy_2), with a column for every value`;

/** What a phase says that Podium does otherwise, whoever says it. */
function tellDifferences(reader: BundleReader, path: Path): void {
  if (reader.get([...path, "auto_migrate_to_this_phase"]) === true)
    reader.note(
      [...path, "auto_migrate_to_this_phase"],
      "is left out: entrants go on to the next round, their submissions don't, for its data is another. They submit again",
    );
  for (const key of ["hide_output", "hide_prediction_output"])
    if (reader.has([...path, key]))
      reader.note(
        [...path, key],
        "is left out: what runs on hidden inputs is never shown to entrants, and logs of a trial run always are",
      );
  if (reader.get([...path, "hide_score_output"]) === true)
    reader.note(
      [...path, "hide_score_output"],
      "is left out: entrants never read the scoring program's log, and see their scores. To keep places back, give the round a `freeze` in the converted contest",
    );
}

export function limitsAt(reader: BundleReader, path: Path) {
  return {
    perDay: reader.count([...path, "max_submissions_per_day"], DEFAULTS.perDay),
    total: reader.count([...path, "max_submissions"], DEFAULTS.total),
    seconds: reader.count([...path, "execution_time_limit"], DEFAULTS.seconds),
  };
}

function readColumns(reader: BundleReader, at: Path): ImportedColumn[] {
  const keys = reader.items(at);
  const keyOf = (index: unknown) =>
    keys
      .map((key) => [...at, key])
      .find((path, position) => String(reader.get([...path, "index"]) ?? position) === String(index));
  return keys.map((key) => {
    const path = [...at, key];
    reader.leaveOut(path, COLUMN);
    const compute = reader.text([...path, "computation"])?.toLowerCase();
    const known = (["avg", "sum", "min", "max"] as const).find((each) => each === compute);
    if (compute !== undefined && known === undefined)
      reader.problem([...path, "computation"], `"${compute}" is not known: write avg, sum, min or max`);
    const written = reader.get([...path, "computation_indexes"]);
    const indexes = Array.isArray(written)
      ? written
      : written === undefined
        ? []
        : String(written).split(",");
    const of = indexes.map((index: unknown) => {
      const other = keyOf(String(index).trim());
      if (!other) reader.problem([...path, "computation_indexes"], `there is no column ${String(index)}`);
      return other ? (reader.text([...other, "key"]) ?? "") : "";
    });
    return {
      path,
      key: reader.required([...path, "key"], "its name in what the scoring program writes"),
      title: reader.text([...path, "title"]) ?? "",
      sorting: sortingAt(reader, [...path, "sorting"]),
      precision: reader.has([...path, "precision"]) ? reader.count([...path, "precision"], 2) : undefined,
      hidden: reader.get([...path, "hidden"]) === true,
      computed: known ? { compute: known, of } : undefined,
    };
  });
}

export function sortingAt(reader: BundleReader, path: Path): "ascending" | "descending" {
  const written = reader.text(path)?.toLowerCase() ?? "desc";
  if (written !== "asc" && written !== "desc")
    reader.problem(path, `"${written}" is not known: write asc or desc`);
  return written === "asc" ? "ascending" : "descending";
}

function readRule(reader: BundleReader, path: Path): "best" | "last" {
  const rule = reader.text(path) ?? "Force_Best";
  if (/last/i.test(rule)) return "last";
  if (!/best/i.test(rule))
    reader.note(
      path,
      `"${rule}" lets entrants choose by hand: the best submission counts instead (leaderboard.final can say {selected: 1})`,
    );
  return "best";
}
