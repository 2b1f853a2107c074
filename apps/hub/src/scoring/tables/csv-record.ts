export interface CsvRecord {
  cells: string[];
  /** Where the next record begins. */
  end: number;
  /** Line ends inside and after it. */
  lines: number;
  /** What makes it malformed, for people. */
  problem?: string;
}

/**
 * One record of RFC 4180 CSV (comma, double quotes), as DuckDB reads it. Used for headers and to explain a bad
 * file; the rows of a good one never pass through here.
 * @param final  the text ends here: a record without a line end is complete
 */
export function csvRecord(
  text: string,
  start: number,
  newline: string,
  final: boolean,
): CsvRecord | "incomplete" {
  const lineEnd = text.indexOf(newline, start);
  if (lineEnd < 0 && !final) return "incomplete";
  const line = text.slice(start, lineEnd < 0 ? text.length : lineEnd);
  if (!line.includes('"')) {
    return { cells: withoutReturn(line).split(","), end: lineEnd < 0 ? text.length : lineEnd + 1, lines: 1 };
  }
  return quotedRecord(text, start, newline, final);
}

function quotedRecord(
  text: string,
  start: number,
  newline: string,
  final: boolean,
): CsvRecord | "incomplete" {
  const cells: string[] = [];
  let at = start;
  let lines = 1;
  for (;;) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close < 0) {
        if (!final) return "incomplete";
        return { cells, end: text.length, lines, problem: "a quote is opened and never closed." };
      }
      const cell = text.slice(at + 1, close);
      lines += cell.split(newline).length - 1;
      cells.push(cell.replaceAll('""', '"'));
      at = close + 1;
      if (text[at] === "\r" && newline === "\n") at += 1;
      if (at < text.length && text[at] !== "," && text[at] !== newline) {
        return {
          cells,
          end: text.length,
          lines,
          problem: 'there is text after a closing quote. Double a quote inside quotes ("").',
        };
      }
    } else {
      const stop = nextOf(text, at, newline);
      cells.push(text[stop] === "," ? text.slice(at, stop) : withoutReturn(text.slice(at, stop)));
      at = stop;
    }
    if (at >= text.length) return final ? { cells, end: at, lines } : "incomplete";
    if (text[at] === newline) return { cells, end: at + 1, lines };
    at += 1;
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function nextOf(text: string, from: number, newline: string): number {
  let at = from;
  while (at < text.length && text[at] !== "," && text[at] !== newline) at += 1;
  return at;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
