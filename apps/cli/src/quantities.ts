import { durationMs, MICROCREDITS } from "@podium/shared";
import { InvalidArgumentError } from "commander";

const SIZE_UNITS: Record<string, number> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Bytes of `512M`, `2G`, `1.5GiB` or a plain number of bytes; K, M, G, T count in 1,024s. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const unit = SIZE_UNITS[(match?.[2] ?? "").toUpperCase()];
  if (!match || unit === undefined) throw new InvalidArgumentError("Say it as 512M or 2G.");
  return Math.round(Number(match[1]) * unit);
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = 0;
  for (; amount >= 1024 && unit < units.length - 1; unit++) amount /= 1024;
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds of `90s`, `10m`, `2h` or `1d`. */
export function parseDuration(text: string): number {
  try {
    return durationMs(text.trim());
  } catch {
    throw new InvalidArgumentError("Say it as 90s, 10m, 2h or 1d.");
  }
}

/** Microcredits of a decimal number of credits; exact to the sixth digit. */
export function parseCredits(text: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match)
    throw new InvalidArgumentError(
      "Say it as a number of credits with at most six decimals, such as 100 or 0.5.",
    );
  return Number(match[1]) * MICROCREDITS + Number((match[2] ?? "").padEnd(6, "0"));
}

/** Credits as people read them: `12.5`, `-0.004167`. */
export function formatCredits(microcredits: number): string {
  const digits = String(Math.abs(microcredits)).padStart(7, "0");
  const decimals = digits.slice(-6).replace(/0+$/, "");
  return `${microcredits < 0 ? "-" : ""}${digits.slice(0, -6)}${decimals === "" ? "" : `.${decimals}`}`;
}

/** GPUs of `2`, or the share of one of `0.5`, in thousandths of each. */
export function parseGpus(text: string): { gpus: number; milli: number } {
  const match = /^(\d{1,9})(?:\.(\d{1,3})0*)?$/.exec(text.trim());
  const [gpus, milli] = [Number(match?.[1]), Number((match?.[2] ?? "").padEnd(3, "0"))];
  if (match && milli === 0) return { gpus, milli: 1000 };
  if (match && gpus === 0) return { gpus: 1, milli };
  throw new InvalidArgumentError(
    "Give a whole number of GPUs, or a share of one with at most three decimals, such as 0.5.",
  );
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
}

export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError("Give a number.");
  return number;
}

/** `2026-01-31T09:30:00+00:00` as `2026-01-31 09:30`, in local time. */
export function formatTime(instant: string | null): string {
  if (instant === null) return "–";
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" }).format(
    Date.parse(instant),
  );
}

/** A score or metric with six significant digits. */
export function formatNumber(value: number | null): string {
  return value === null ? "NaN" : String(Number(value.toPrecision(6)));
}
