import { DomainError } from "@podium/shared";
import type { OpenFile } from "../../data/index.ts";

/** A sample is for trying things out: its rows are held in memory while they are looked for. */
const MAX_SAMPLE_BYTES = 16 * 1024 ** 2;
/** No row of labels is longer. */
const MAX_LINE_BYTES = 1024 ** 2;

/**
 * The first line of the hidden file that also stands in the shown one, as the shown one counts it from 1; null when there
 * is none. A header, blank ends and the kind of line end don't count. @throws DomainError `invalid_bundle`
 */
export async function repeatedLine(shown: OpenFile, hidden: OpenFile): Promise<number | null> {
  if (shown.size > MAX_SAMPLE_BYTES)
    throw new DomainError(
      "invalid_bundle",
      `The labels of a sample may have at most ${MAX_SAMPLE_BYTES / 1024 ** 2} MiB.`,
    );
  const rows = new Map<string, number>();
  let header: string | undefined;
  let number = 0;
  for await (const line of linesOf(shown)) {
    number += 1;
    header ??= line;
    if (line !== "" && !rows.has(line)) rows.set(line, number);
  }
  let first = true;
  for await (const line of linesOf(hidden)) {
    const found = rows.get(line);
    if (found !== undefined && !(first && line === header && !line.startsWith("{"))) return found;
    first = false;
  }
  return null;
}

async function* linesOf(file: OpenFile): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of file.read(0, file.size)) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_BYTES)
      throw new DomainError("invalid_bundle", "A row of the labels has more than 1 MiB: is it a table?");
    for (const line of lines) yield line.trimEnd();
  }
  if (rest !== "") yield rest.trimEnd();
}
