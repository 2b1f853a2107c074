import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type CompetitionDefinition,
  competitionDefinitionSchema,
  type RoundDefinition,
} from "@podium/shared";
import { checkRoundTables } from "./check-round-tables.ts";
import { CliError } from "./errors.ts";
import { describeFindings, type Finding, readYaml, type YamlFile } from "./yaml-file.ts";

const TABLE_FILE = /\.(csv|jsonl)$/i;

/**
 * Reads `competition.yaml` of a folder and looks at the files it names, before anything is sent.
 * Throws a `CliError` that lists every problem with file, line and column.
 */
export function readBundle(folder: string): CompetitionDefinition {
  const file = join(folder, "competition.yaml");
  const yaml = readYaml(file, competitionDefinitionSchema);
  const metric = yaml.value?.metric.name ?? "mse";
  const findings = [
    ...yaml.findings,
    ...(yaml.value?.rounds ?? []).flatMap((round, i) => checkRound(folder, round, metric, i, yaml)),
  ];
  if (yaml.value === null || findings.length > 0) {
    const count = findings.length === 1 ? "There is a problem" : `There are ${findings.length} problems`;
    throw new CliError(`${count} in the competition; nothing was sent.\n${describeFindings(file, findings)}`);
  }
  return yaml.value;
}

function checkRound(
  folder: string,
  round: RoundDefinition,
  metric: CompetitionDefinition["metric"]["name"],
  index: number,
  yaml: YamlFile<unknown>,
): Finding[] {
  const found = (field: "train" | "inputs" | "labels", message: string | null) =>
    message === null ? [] : [yaml.at(["rounds", index, field], message)];
  const missing = [
    ...found("train", isFolder(join(folder, round.train)) ? null : `there is no folder ${round.train}`),
    ...found("inputs", checkInputs(join(folder, round.inputs), round.inputs)),
    ...found("labels", checkLabels(join(folder, round.labels), round.labels)),
  ];
  if (missing.length > 0) return missing;
  const problems = checkRoundTables(folder, round, metric);
  return problems.map(({ field, message }) => yaml.at(["rounds", index, field], message));
}

function checkInputs(path: string, name: string): string | null {
  if (!isFolder(path)) return `there is no folder ${name}`;
  const tables = readdirSync(path).filter((file) => TABLE_FILE.test(file));
  return tables.length === 1 ? null : `${name} must hold one .csv or .jsonl file; it holds ${tables.length}`;
}

function checkLabels(path: string, name: string): string | null {
  if (!TABLE_FILE.test(name)) return `must be a .csv or .jsonl file, not ${name}`;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? null : `there is no file ${name}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
