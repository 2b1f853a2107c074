import type { Finding, YamlFile } from "../yaml-file.ts";
import { readTime } from "./read-time.ts";

type Path = readonly (string | number)[];

/** What is left out, and where Podium has something like it all the same. */
const OTHERWISE: Readonly<Record<string, string>> = {
  fact_sheet: "is left out: ask for it in a page, or have entrants write it as their submissions' memo",
  whitelist_emails: "is left out: write the addresses as eligibility.emails",
  whitelist: "is left out: write the addresses as eligibility.emails",
  registration_auto_approve: "is left out: who may join is said by eligibility (emails, teams), and terms",
};

/** Reads the values of a YAML file of another platform, and gathers what is wrong with them, each with its place. */
export class BundleReader {
  readonly findings: Finding[] = [];

  constructor(
    private readonly value: unknown,
    private readonly at: YamlFile<unknown>["at"],
  ) {}

  problem(path: Path, message: string): void {
    this.findings.push(this.at(path, message));
  }

  /** What should be known and stops nothing. */
  note(path: Path, message: string): void {
    this.findings.push({ ...this.at(path, message), note: true });
  }

  get(path: Path): unknown {
    return path.reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null
          ? (value as Record<string | number, unknown>)[key]
          : undefined,
      this.value,
    );
  }

  /** Whether something stands there that is not empty. */
  has(path: Path): boolean {
    const value = this.get(path);
    return value !== undefined && value !== null && value !== "";
  }

  text(path: Path): string | undefined {
    const value = this.get(path);
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    this.problem(path, "must be a text");
    return undefined;
  }

  required(path: Path, why: string): string {
    const text = this.text(path);
    if (text === undefined && !this.has(path)) this.problem(path, `is missing: ${why}`);
    return text ?? "";
  }

  /** A whole number from 1 on. */
  count(path: Path, otherwise: number): number {
    if (!this.has(path)) return otherwise;
    const value = Number(this.get(path));
    if (Number.isSafeInteger(value) && value > 0) return value;
    this.problem(path, "must be a whole number from 1 on");
    return otherwise;
  }

  /** The items of a list, or of a mapping with numbers for keys, in their order: the keys of each. */
  items(path: Path): (string | number)[] {
    const value = this.get(path);
    if (Array.isArray(value)) return value.map((_, index) => index);
    if (typeof value === "object" && value !== null)
      return Object.keys(value).sort((a, b) => Number(a) - Number(b) || 0);
    if (this.has(path)) this.problem(path, "must be a list");
    return [];
  }

  /** A time; one without an offset is read as UTC, and that is said. */
  time(path: Path): string | undefined {
    const text = this.text(path);
    if (text === undefined) return undefined;
    const time = readTime(text);
    if (time === null)
      this.problem(path, `"${text}" is no time that is understood: write it as 2026-01-31T12:00:00Z`);
    else if (time.assumedUtc) this.note(path, `has no offset from UTC and is read as ${time.iso}`);
    return time?.iso;
  }

  /** Names what stands there and has no counterpart. */
  leaveOut(path: Path, known: readonly string[]): void {
    const value = this.get(path);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    for (const key of Object.keys(value))
      if (!known.includes(key) && this.has([...path, key]))
        this.note([...path, key], OTHERWISE[key] ?? "has no counterpart in Podium and is left out");
  }
}
