import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import {
  type CompetitionDefinition,
  competitionDefinitionSchema,
  DATA_FILE_NAMES,
  DATA_LOADER,
  isDataFile,
  isTextTable,
  type RoundDefinition,
} from "@podium/shared";
import { checkRoundTables } from "./check-round-tables.ts";
import { CliError } from "./errors.ts";
import { describeFindings, type Finding, readYaml, type YamlFile } from "./yaml-file.ts";

const MAX_TEXT_BYTES = 200_000;

type At = YamlFile<unknown>["at"];

/** Where the definition of a contest stands in its folder. */
export const definitionFile = (folder: string) => join(folder, "competition.yaml");

/**
 * Reads `competition.yaml` of a folder, with the texts that it names, and looks at the files it names, before anything
 * is sent. Throws a `CliError` that lists every problem with file, line and column.
 */
export function readBundle(folder: string): CompetitionDefinition {
  const { definition, findings } = checkBundle(folder);
  if (definition === null || findings.length > 0) throw refuse(definitionFile(folder), findings);
  return definition;
}

/** As `readBundle`, but hands the problems over; the definition is null when it is none. */
export function checkBundle(folder: string): {
  definition: CompetitionDefinition | null;
  findings: Finding[];
} {
  const yaml = readYaml(definitionFile(folder), competitionDefinitionSchema);
  if (yaml.value === null) return { definition: null, findings: yaml.findings };
  const { definition, findings } = checkFiles(folder, yaml.value, yaml.at);
  return { definition, findings: [...yaml.findings, ...findings] };
}

/** Reads the texts of a definition and looks at all that it names; `at` says where a part of it was written. */
export function checkFiles(
  folder: string,
  given: CompetitionDefinition,
  at: At,
): { definition: CompetitionDefinition; findings: Finding[] } {
  const { definition, findings } = readTexts(folder, given, at);
  for (const key of ["scorer", "ingestion"] as const) {
    const program = definition[key]?.program;
    if (program && !isFolder(join(folder, program)))
      findings.push(at([key, "program"], `there is no folder ${program}`));
  }
  const rounds = definition.rounds.flatMap((round, index) => [
    ...(["scorer_program", "ingestion_program"] as const).flatMap((key) => {
      const program = round[key];
      return program === undefined || isFolder(join(folder, program))
        ? []
        : [at(["rounds", index, key], `there is no folder ${program}`)];
    }),
    ...checkRound(folder, definition, round, index, at),
  ]);
  return { definition, findings: [...findings, ...rounds] };
}

/** The refusal that lists what was found. */
export function refuse(file: string, findings: readonly Finding[]): CliError {
  const problems = findings.filter(({ note }) => !note).length;
  const count = problems === 1 ? "There is a problem" : `There are ${problems} problems`;
  return new CliError(`${count} in the competition; nothing was sent.\n${describeFindings(file, findings)}`);
}

/** What is sent has the texts in it, and still says which files they were. */
function readTexts(folder: string, given: CompetitionDefinition, at: At) {
  const findings: Finding[] = [];
  const read = <T extends { file?: string | undefined; content?: string | undefined }>(
    text: T,
    path: (string | number)[],
  ): T => {
    const wrong = (message: string, key?: string) => findings.push(at(key ? [...path, key] : path, message));
    if (text.file !== undefined && text.content !== undefined)
      wrong("has both `file` and `content`: leave one out", "content");
    else if (text.file === undefined && !text.content?.trim())
      wrong("has no text: name a `file`, or write it as `content`");
    if (text.file === undefined || text.content !== undefined) return text;
    const content = textOf(folder, text.file);
    if (typeof content !== "string") wrong(content.message, "file");
    return { ...text, content: typeof content === "string" ? content : "" };
  };
  const pages = given.pages.map((page, index) => read(page, ["pages", index]));
  const terms = given.terms ? { terms: read(given.terms, ["terms"]) } : {};
  return { definition: { ...given, pages, ...terms }, findings };
}

function textOf(folder: string, name: string): string | { message: string } {
  const path = join(folder, name);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return { message: `there is no file ${name}` };
  if (relative(realpathSync(folder), realpathSync(path)).startsWith(".."))
    return { message: `${name} is a link that leads outside of the folder` };
  if (statSync(path).size > MAX_TEXT_BYTES)
    return { message: `${name} has more than ${MAX_TEXT_BYTES} bytes` };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
    return text.trim() === "" ? { message: `${name} is empty` } : text;
  } catch {
    return { message: `${name} is not text in UTF-8` };
  }
}

function checkRound(
  folder: string,
  definition: CompetitionDefinition,
  round: RoundDefinition,
  index: number,
  at: At,
): Finding[] {
  const { sample } = round;
  const found = (fields: string[], message: string | null) =>
    message === null ? [] : [at(["rounds", index, ...fields], message)];
  const own = definition.scorer !== undefined;
  const feedsItself =
    definition.scorer?.convention === "nsml" && existsSync(join(folder, round.inputs, DATA_LOADER));
  const anyInputs = feedsItself || (own && !round.accepts.includes("checkpoint"));
  const missing = [
    ...found(["train"], isFolder(join(folder, round.train)) ? null : `there is no folder ${round.train}`),
    ...found(["inputs"], checkInputs(folder, round.inputs, anyInputs)),
    ...found(["labels"], checkLabels(folder, round.labels, own)),
    ...(sample ? found(["sample", "inputs"], checkInputs(folder, sample.inputs, own)) : []),
    ...(sample ? found(["sample", "labels"], checkLabels(folder, sample.labels, own)) : []),
  ];
  if (missing.length > 0) return missing;
  const problems = checkRoundTables(folder, round, definition);
  return problems.map(({ field, path, message }) => at(path ?? ["rounds", index, field], message));
}

function checkInputs(folder: string, name: string, any: boolean): string | null {
  const path = join(folder, name);
  if (!isFolder(path)) return `there is no folder ${name}`;
  if (any) return null;
  const tables = readdirSync(path).filter(isTextTable);
  return tables.length === 1 ? null : `${name} must hold one .csv or .jsonl file; it holds ${tables.length}`;
}

/** A scorer of the organizer's own may take a folder of anything. */
function checkLabels(folder: string, name: string, any: boolean): string | null {
  const stats = statSync(join(folder, name), { throwIfNoEntry: false });
  if (any) return stats ? null : `there is no file or folder ${name}`;
  if (!isDataFile(name)) return `must be a ${DATA_FILE_NAMES} file, not ${name}`;
  return stats?.isFile() ? null : `there is no file ${name}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
