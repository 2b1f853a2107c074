import { readFileSync, statSync } from "node:fs";
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { CliError } from "./errors.ts";

/** Something wrong in a YAML file; line and column count from 1. */
export interface Finding {
  path: readonly PropertyKey[];
  line: number;
  column: number;
  message: string;
  /** True for what should be known, and stops nothing. */
  note?: true;
}

export interface YamlFile<T> {
  /** The checked value; null when there are findings. */
  value: T | null;
  findings: Finding[];
  /** A finding at the place of a value, or of the nearest thing above it. */
  at(path: readonly PropertyKey[], message: string): Finding;
}

/** No definition that people write is larger. */
const MAX_BYTES = 4 * 1024 ** 2;

/** Reads a YAML file and checks it against a schema; every problem comes with its line and column. */
export function readYaml<S extends z.ZodType>(file: string, schema: S): YamlFile<z.output<S>> {
  const { value, findings, at } = openYaml(file);
  if (findings.length > 0) return { value: null, findings, at };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, findings: [], at };
  return { value: null, at, findings: parsed.error.issues.flatMap((issue) => findingsOf(issue, at)) };
}

/** Reads a YAML file as plain values: no tag is followed, and no alias more than 100 times. `value` is null with findings. */
export function openYaml(file: string): YamlFile<unknown> {
  const lines = new LineCounter();
  const document = parse(file, readText(file), lines);
  const place = (path: readonly PropertyKey[], message: string, offset: number): Finding => {
    const { line, col } = lines.linePos(offset);
    return { path, line: Math.max(line, 1), column: Math.max(col, 1), message };
  };
  const at = (path: readonly PropertyKey[], message: string) =>
    place(path, message, offsetOf(document, path));
  const findings = [
    ...document.errors.map(({ message, pos }) => place([], message, pos[0])),
    ...document.warnings.map(({ message, pos }) => place([], tagRefusal(message), pos[0])),
  ];
  return { value: findings.length > 0 ? null : toPlain(file, document), findings, at };
}

function parse(file: string, text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "warn" });
  } catch (error) {
    // The parser calls itself for each level.
    throw new CliError(
      error instanceof RangeError
        ? `${file} is nested too deeply.`
        : `${file} can't be read: ${(error as Error).message}`,
    );
  }
}

function tagRefusal(message: string): string {
  const tag = /^Unresolved tag: (?:tag:yaml\.org,2002:)?(.*)$/.exec(message)?.[1];
  if (tag === undefined) return message;
  return tag.startsWith("python/")
    ? `the tag !!${tag} would have a Python object made, which may run code: only plain values are read. Write the value itself`
    : `the tag ${tag} is not known: only plain values are read. Take it out`;
}

/** All findings, one a line: `competition.yaml:12:5: rounds.0.metric: message`. */
export function describeFindings(file: string, findings: readonly Finding[]): string {
  const sorted = [...findings].sort((a, b) => a.line - b.line || a.column - b.column);
  return sorted
    .map(
      ({ path, line, column, message, note }) =>
        `  ${file}:${line}:${column}: ${note ? "note: " : ""}${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`,
    )
    .join("\n");
}

function findingsOf(issue: z.core.$ZodIssue, at: YamlFile<unknown>["at"]): Finding[] {
  if (issue.code !== "unrecognized_keys") return [at(issue.path, issue.message)];
  return issue.keys.map((key) => at([...issue.path, key], "is not a field here: misspelled?"));
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const above = depth <= 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    if (depth > 0 && isMap(above)) {
      const pair = above.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function toPlain(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 1024 ** 2} MiB`);
    return readFileSync(file, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new CliError(
      missing ? `${file} does not exist.` : `${file} can't be read: ${(error as Error).message}`,
    );
  }
}
