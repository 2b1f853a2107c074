import { z } from "zod";

/** How long a thing may last, as people write it: `30s`, `10m`, `2h`. */
export const durationSchema = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, "must be a number and a unit: 30s, 10m, 2h, 1d");

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration such as `10m`. */
export function durationMs(duration: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(duration);
  if (!match) throw new RangeError(`Not a duration: ${duration}`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
