import { existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CompetitionDefinition, competitionDefinitionSchema } from "@podium/shared";
import { checkBundle, checkFiles, definitionFile } from "../competition-bundle.ts";
import { CliError } from "../errors.ts";
import { type Finding, openYaml, type YamlFile } from "../yaml-file.ts";
import { BundleFiles, topFolder } from "./bundle-files.ts";
import { BundleReader } from "./bundle-reader.ts";
import { checkSolutions } from "./check-solutions.ts";
import { convertBundle } from "./convert.ts";
import { readCodabench } from "./read-codabench.ts";
import { readCodalab } from "./read-codalab.ts";
import { unzip } from "./unzip.ts";
import { definitionYaml } from "./write-definition.ts";

export interface LintedBundle {
  kind: "Podium" | "Codabench" | "CodaLab";
  /** The YAML file that the findings are about. */
  file: string;
  findings: Finding[];
  /** A Podium contest's folder with its definition; null when it has problems. */
  contest: { folder: string; definition: CompetitionDefinition } | null;
}

/**
 * Finds everything that is wrong with a contest's folder or zip file, of Podium, Codabench or CodaLab; what is not
 * Podium's is converted into `scratch`, which is the caller's to remove. Throws a `CliError` when there is no bundle.
 */
export async function lintBundle(path: string, scratch: string): Promise<LintedBundle> {
  const folder = await openFolder(path, scratch);
  const file = definitionFile(folder);
  // Messages name what the person gave.
  const shown = folder === path ? file : `${path}:competition.yaml`;
  if (!existsSync(file)) throw new CliError(`${path} has no competition.yaml.`);
  const yaml = openYaml(file);
  const kind = kindOf(yaml.value);
  if (yaml.findings.length > 0) return { kind, file: shown, findings: yaml.findings, contest: null };
  if (kind === "Podium") {
    const { definition, findings } = checkBundle(folder);
    return { kind, file: shown, findings, contest: okOrNull(findings, folder, definition) };
  }
  return { kind, file: shown, ...(await convert(kind, yaml, folder, scratch)) };
}

/** The bundle's folder; a zip is unpacked, and may have one folder above its files. */
async function openFolder(path: string, scratch: string): Promise<string> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) throw new CliError(`${path} does not exist.`);
  if (stats.isDirectory() || stats.isSymbolicLink()) return path;
  const target = join(scratch, "bundle");
  await unzip(path, target);
  return existsSync(definitionFile(target)) ? target : topFolder(target);
}

function kindOf(value: unknown): LintedBundle["kind"] {
  if (typeof value !== "object" || value === null) return "Podium";
  if (!("version" in value)) return "phases" in value ? "CodaLab" : "Podium";
  if (String(value.version) === "2") return "Codabench";
  return "phases" in value && !("rounds" in value) ? "CodaLab" : "Podium";
}

async function convert(
  kind: "Codabench" | "CodaLab",
  yaml: YamlFile<unknown>,
  folder: string,
  scratch: string,
): Promise<Pick<LintedBundle, "findings" | "contest">> {
  const reader = new BundleReader(yaml.value, yaml.at);
  const bundle = kind === "Codabench" ? readCodabench(reader) : readCodalab(reader);
  const files = new BundleFiles(folder, scratch);
  const target = join(scratch, "contest");
  mkdirSync(target, { recursive: true });
  const { definition: written, origins } = await convertBundle(bundle, files, target, reader);
  await checkSolutions(bundle, files, reader);
  const at = (path: readonly PropertyKey[], message: string): Finding => {
    for (let length = path.length; length > 0; length--) {
      const origin = origins.get(path.slice(0, length).join("."));
      if (origin) return yaml.at([...origin, ...path.slice(length).flatMap(nameThere)], message);
    }
    return yaml.at([...path], message);
  };
  const parsed = competitionDefinitionSchema.safeParse(written);
  if (!parsed.success) {
    const known = new Set(reader.findings.map(({ line }) => line));
    const more = parsed.error.issues.map((issue) => at(issue.path, issue.message));
    // Where something is missing or wrong that was told already, what follows from it is not told again.
    return { findings: [...reader.findings, ...more.filter(({ line }) => !known.has(line))], contest: null };
  }
  const checked = checkFiles(target, parsed.data, at);
  const known = new Set(reader.findings.filter(({ note }) => !note).map(({ line }) => line));
  const findings = [...reader.findings, ...checked.findings.filter(({ line }) => !known.has(line))];
  writeFileSync(definitionFile(target), definitionYaml(parsed.data));
  return { findings, contest: okOrNull(findings, target, checked.definition) };
}

/** Fields of a round by what both platforms call them. */
const THERE: Record<string, string[]> = { opens_at: ["start", "start_date"], closes_at: ["end"] };
const nameThere = (key: PropertyKey): PropertyKey[] => [THERE[String(key)]?.[0] ?? key];

function okOrNull(
  findings: readonly Finding[],
  folder: string,
  definition: CompetitionDefinition | null,
): LintedBundle["contest"] {
  return definition !== null && findings.every(({ note }) => note) ? { folder, definition } : null;
}
