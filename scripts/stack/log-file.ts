import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";

const ROTATE_BYTES = 10 * 1024 * 1024;

/** A process's log: appends lines, and moves the file to `.1` at 10 MB (so at most 20 MB are kept). */
export class LogFile {
  private bytes: number;
  private failed = false;

  constructor(private readonly path: string) {
    this.bytes = existsSync(path) ? statSync(path).size : 0;
  }

  /** Never throws: a full disk must not end what we watch. Returns what went wrong, the first time it does. */
  write(line: string): string | undefined {
    try {
      this.rotateIfLong();
      appendFileSync(this.path, `${line}\n`);
      this.bytes += line.length + 1;
      this.failed = false;
    } catch (error) {
      if (this.failed) return undefined;
      this.failed = true;
      return `the log ${this.path} can't be written: ${(error as Error).message}`;
    }
    return undefined;
  }

  private rotateIfLong(): void {
    if (this.bytes <= ROTATE_BYTES) return;
    renameSync(this.path, `${this.path}.1`);
    this.bytes = 0;
  }
}

/**
 * What of a log line belongs on the terminal: warnings and errors of structured logs (pino levels ≥ 40),
 * and whatever a process writes to stderr unstructured. Undefined for the rest.
 */
export function terminalLine(line: string, stream: "stdout" | "stderr"): string | undefined {
  const entry = parseEntry(line);
  if (entry === undefined) return stream === "stderr" && line.trim() !== "" ? readableLine(line) : undefined;
  return entry.level < 40 ? undefined : readableLine(line);
}

/** A log line as one short line for people: message and cause of a structured one. */
export function readableLine(line: string): string {
  const entry = parseEntry(line);
  if (entry === undefined) return shorten(line.trim());
  const cause = entry.cause === undefined || entry.message.includes(entry.cause) ? "" : `: ${entry.cause}`;
  return shorten(`${entry.message}${cause}`);
}

function parseEntry(line: string): { level: number; message: string; cause: string | undefined } | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line) as { level?: unknown; msg?: unknown; err?: { message?: unknown } };
    if (typeof entry.level !== "number") return undefined;
    const cause = typeof entry.err?.message === "string" ? entry.err.message : undefined;
    return { level: entry.level, message: typeof entry.msg === "string" ? entry.msg : line, cause };
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  return text.length <= 240 ? text : `${text.slice(0, 239)}…`;
}
