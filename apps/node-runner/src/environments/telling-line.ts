/** What pip says of every failed build, whatever the cause; the line that tells comes before. */
const SAYS_NOTHING =
  /^(?:ERROR|error): (?:subprocess-exited-with-error|metadata-generation-failed|legacy-install-failure|failed-wheel-build-for-install|Failed to build|Could not build wheels|Command errored out|Failed building wheel)/;
const MAX_LENGTH = 400;

/**
 * The line of a failed build's log that tells a person what to change, with the file and, where the line names a
 * requirement, its place: `requirements.txt line 3: No matching distribution found for x==9`.
 */
export function tellingLine(
  log: readonly string[],
  file: { name: string; text: string | null } | null,
): string {
  const said = plainText(cause(log)).slice(0, MAX_LENGTH);
  if (file === null) return said || "It ended without a word.";
  const line = file.text === null || said.includes(`${file.name})`) ? null : lineOf(said, file.text);
  const place = line === null ? file.name : `${file.name} line ${line}`;
  return `${place}: ${said || "it could not be installed."}`;
}

function cause(log: readonly string[]): string {
  const lines = log.filter((line) => line.trim() !== "" && !line.startsWith("[podium]"));
  const uv = lines.findLastIndex((line) => /^\s*╰─▶/.test(line));
  if (uv >= 0) return [lines[uv], ...continuation(lines.slice(uv + 1))].join(" ");
  const at = lines.findLastIndex((line) => /^(?:ERROR|error|E): /.test(line) && !SAYS_NOTHING.test(line));
  const said = lines[at];
  if (said) return [said, ...causes(lines.slice(at + 1)).slice(-1)].join(": ");
  const raised = lines.findLast((line) => /^\s*(?:[A-Za-z_][\w.]*)?(?:Error|Exception|Exit)\b: /.test(line));
  return raised ?? lines.at(-1) ?? "";
}

/** uv's later versions say what is behind an error in lines below it; the last is the root of it. */
function causes(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => !/^\s+cause: /.test(line));
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => line.replace(/^\s+cause: /, ""));
}

/** uv's earlier versions break a long sentence into indented lines. */
function continuation(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => !/^\s{6,}\S/.test(line));
  return lines.slice(0, end < 0 ? lines.length : end);
}

function plainText(line: string): string {
  return line
    .replace(/^\s*(?:╰─▶|ERROR:|error:|E:)\s*/, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The requirement that the message names, counted from 1; the longest name wins (`torch-text` before `torch`). */
function lineOf(message: string, requirements: string): number | null {
  let best: { line: number; length: number } | null = null;
  for (const [index, text] of requirements.split(/\r?\n/).entries()) {
    const name = /^\s*([^\s#<>=!~;[\]]+)/.exec(text)?.[1];
    if (!name || name.startsWith("-") || !names(message, name)) continue;
    if (!best || name.length > best.length) best = { line: index + 1, length: name.length };
  }
  return best?.line ?? null;
}

/** Whether the message has the name as a word; `-`, `_` and `.` are one character in names of packages. */
function names(message: string, name: string): boolean {
  const normal = (text: string) => text.toLowerCase().replace(/[-_.]+/g, "-");
  const [inside, wanted] = [normal(message), normal(name.replace(/^\.\//, ""))];
  for (let at = inside.indexOf(wanted); at >= 0; at = inside.indexOf(wanted, at + 1)) {
    const around = `${inside[at - 1] ?? " "}${inside[at + wanted.length] ?? " "}`;
    if (!/[a-z0-9]/.test(around)) return true;
  }
  return false;
}
