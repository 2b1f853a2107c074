import type { CompetitionDefinition, DefinitionChange } from "@podium/shared";

/** Names of the organizer's own folders: what they hold is compared, not what it is called. */
const PATHS = new Set(["file", "train", "inputs", "labels", "sample", "program"]);
/** Never shown: with the seed anybody could tell which rows are public. */
const SECRETS = new Set(["seed"]);
/** Lists of things with names, and what names them. */
const NAMED: Record<string, string> = { rounds: "name", pages: "name", columns: "key" };
const SHOWN_LINES = 20;
const SHOWN_LENGTH = 200;

/** What differs between two editions of a definition, for people: no secrets, and of long texts the changed lines. */
export function diffDefinitions(
  before: CompetitionDefinition,
  after: CompetitionDefinition,
): DefinitionChange[] {
  return diff("", before, after);
}

function diff(path: string, before: unknown, after: unknown): DefinitionChange[] {
  const key = path.split(".").at(-1) ?? "";
  if (JSON.stringify(before) === JSON.stringify(after) || PATHS.has(key)) return [];
  const id = NAMED[path];
  if (id && Array.isArray(before) && Array.isArray(after)) return diffNamed(path, id, before, after);
  // What came or went is told part by part, so that whoever may not see a part can be spared it.
  if ([before, after].every((value) => value === undefined || isRecord(value))) {
    const [old, now] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
    const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...keys].flatMap((each) => diff(path === "" ? each : `${path}.${each}`, old[each], now[each]));
  }
  if (isText(before) && isText(after)) return [{ path, ...changedLines(before, after) }];
  return [change(path, before, after)];
}

function diffNamed(path: string, id: string, before: unknown[], after: unknown[]): DefinitionChange[] {
  const byName = (items: unknown[]) =>
    new Map(items.filter(isRecord).map((item) => [String(item[id]), item] as const));
  const [old, now] = [byName(before), byName(after)];
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    return was && is
      ? diff(`${path}.${name}`, was, is)
      : [change(`${path}.${name}`, titleOf(was), titleOf(is))];
  });
  const [oldNames, names] = [[...old.keys()], [...now.keys()]];
  if (JSON.stringify(oldNames) === JSON.stringify(names)) return changes;
  return [{ path, before: oldNames, after: names }, ...changes];
}

/** A whole thing that came or went is named, not shown: every edition is kept. */
const titleOf = (item: Record<string, unknown> | undefined) =>
  item && (item["title"] ?? item["name"] ?? item["key"]);

function change(path: string, before: unknown, after: unknown): DefinitionChange {
  return {
    path,
    ...(before === undefined ? {} : { before: shown(before, path) }),
    ...(after === undefined ? {} : { after: shown(after, path) }),
  };
}

function shown(value: unknown, path: string): unknown {
  if (SECRETS.has(path.split(".").at(-1) ?? "")) return "(secret)";
  if (Array.isArray(value)) return value.map((item) => shown(item, path));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each, key)]));
  return typeof value === "string" ? cut(value) : value;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value.includes("\n");

/** The lines between what both begin and end with. */
function changedLines(before: string, after: string): { before: string; after: string } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const middle = (lines: string[]) => {
    const changed = lines.slice(start, lines.length - end);
    const more = changed.length - SHOWN_LINES;
    return [...changed.slice(0, SHOWN_LINES).map(cut), ...(more > 0 ? [`… ${more} more lines`] : [])].join(
      "\n",
    );
  };
  return { before: middle(old), after: middle(now) };
}

const cut = (text: string) => (text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
