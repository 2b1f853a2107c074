/** How a command speaks: results on stdout (or one JSON document with --json), everything else on stderr. */
export interface Output {
  line(text: string): void;
  note(text: string): void;
  json(value: unknown): void;
  paint: Paint;
  /** True when stdout is a terminal: only then are lines redrawn. */
  live: boolean;
  /** Redraws one line of progress on a terminal's stderr; nothing elsewhere. */
  progress(text: string): void;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

export function createOutput(options: { noColour: boolean }): Output {
  const live = process.stdout.isTTY === true;
  const colours = live && !options.noColour;
  let progressShown = false;
  const clearProgress = () => {
    if (progressShown) process.stderr.write("\r\u001b[K");
    progressShown = false;
  };
  return {
    live,
    paint: (colour, text) => (colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
    line: (text) => {
      clearProgress();
      process.stdout.write(`${text}\n`);
    },
    note: (text) => {
      clearProgress();
      process.stderr.write(`${text}\n`);
    },
    json: (value) => process.stdout.write(`${JSON.stringify(value, null, live ? 2 : undefined)}\n`),
    progress: (text) => {
      if (process.stderr.isTTY !== true) return;
      if (text === "") return clearProgress();
      process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      progressShown = true;
    },
  };
}

export interface Column<T> {
  title: string;
  value(row: T): string | number | null | undefined;
  right?: boolean;
}

/** A table with a header line; columns are as wide as their widest cell. An empty list is said in words. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) =>
      columns.map((column) => printable(String(column.value(row) ?? "–")).replaceAll("\n", " ")),
    ),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => Bun.stringWidth(line[index] ?? ""))),
  );
  const pad = (text: string, index: number) => {
    const space = " ".repeat((widths[index] ?? 0) - Bun.stringWidth(text));
    return columns[index]?.right ? space + text : text + space;
  };
  return cells.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

/**
 * Text of others made safe for a terminal: colours stay, every other control character goes, so that a log line
 * can't move the cursor, set the title or answer on the reader's behalf.
 */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    /(\u001b\[[\d;]*m)|\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (_, colour?: string) => colour ?? "",
  );
}
