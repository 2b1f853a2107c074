export type Cell = string | number | null;
export type Row = Record<string, Cell>;

function cellText(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV (RFC 4180, `\n` line ends) of the given columns; `null` becomes an empty cell. */
export function toCsv(columns: readonly string[], rows: readonly Row[]): string {
  const lines = rows.map((row) => columns.map((column) => cellText(row[column] ?? null)).join(","));
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}

/** Rows of a CSV text with a header line. Every cell stays text; an empty cell is `""`. */
export function parseCsv(text: string): Record<string, string>[] {
  // Each match is one cell: quoted (with "" for a quote) or plain, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g;
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of text.trimEnd().matchAll(cell)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "") break;
    if (end !== ",") lines.push([]);
  }
  const [header = [], ...body] = lines;
  return body.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""])));
}
