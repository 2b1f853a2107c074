import { formatBytes } from "./quantities.ts";

/** A share as `42 %`; what is not known as a dash. */
export function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`;
}

/** Used memory, and of how much where that is known. */
export function formatMemory(used: number | null | undefined, of?: number): string {
  if (used === null || used === undefined) return "–";
  return of === undefined ? formatBytes(used) : `${formatBytes(used)} of ${formatBytes(of)}`;
}

/** A rounded number with its unit. */
export function formatAmount(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? "–" : `${Math.round(value)} ${unit}`;
}

/** Mean of what is known; null when nothing is. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
