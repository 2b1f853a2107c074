import { existsSync } from "node:fs";
import { join } from "node:path";
import { openYaml } from "../yaml-file.ts";

/** What a command may name; the sandbox puts folders in their places. */
const PLACEHOLDERS = new Set([
  ...["input", "output", "program", "ingestion_program", "submission_program", "hidden", "shared"],
  ...["predictions", "tmp"],
]);

/** Why a program can't be run: no metadata, no command, a placeholder that nobody fills. */
export function checkProgram(folder: string): string[] {
  const name = ["metadata.yaml", "metadata"].find((each) => existsSync(join(folder, each)));
  if (name === undefined)
    return ["has no metadata.yaml: write one that says `command: python3 $program/score.py $input $output`"];
  const { value, findings } = openYaml(join(folder, name));
  const [first] = findings;
  if (first) return [`${name}:${first.line}:${first.column}: ${first.message}`];
  const { command, commands } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const lines = [command, commands].flat().filter((line) => typeof line === "string");
  if (lines.length === 0) return [`${name} has no \`command\`: write what is to be run`];
  const strange = new Set(
    lines.flatMap((line) => [...line.matchAll(/\$\{?(\w+)/g)].map((match) => match[1] ?? "")),
  );
  return [...strange]
    .filter((each) => !PLACEHOLDERS.has(each) && each !== each.toUpperCase())
    .map(
      (each) =>
        `${name}: nothing is put in the place of $${each}; there are $${[...PLACEHOLDERS].join(", $")}`,
    );
}
