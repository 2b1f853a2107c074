import { readFileSync, statSync } from "node:fs";

const SECTOR_BYTES = 512;
/** What only passes on the traffic of others, or of this machine to itself. */
const VIRTUAL = /^(lo|veth|docker|br-|virbr|cni|flannel|cali|tun|tap|wg|bond|dummy)/;

/** Bytes that have passed since the machine started. */
export interface Passed {
  one: number;
  other: number;
}

/** Turns counts that only grow into rates: bytes a second between two calls. Null at first, and when a count fell. */
export class Rate {
  #last: (Passed & { atMs: number }) | null = null;

  next(passed: Passed | null, nowMs: number): Passed | null {
    const last = this.#last;
    this.#last = passed && { ...passed, atMs: nowMs };
    if (!passed || !last || nowMs <= last.atMs) return null;
    const seconds = (nowMs - last.atMs) / 1000;
    const [one, other] = [passed.one - last.one, passed.other - last.other];
    return one < 0 || other < 0 ? null : { one: one / seconds, other: other / seconds };
  }
}

/** Bytes read from and written to the disk that a folder is on; null where that is no disk (overlay, network). */
export function diskPassed(folder: string, diskstats = read("/proc/diskstats")): Passed | null {
  const { dev } = statSync(folder);
  // As glibc's makedev(3) packs them.
  const major = ((dev >>> 8) & 0xfff) | (Math.floor(dev / 2 ** 32) & ~0xfff);
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  const line = diskstats.split("\n").find((each) => {
    const [left, right] = each.trim().split(/\s+/);
    return left === String(major) && right === String(minor);
  });
  const fields = line?.trim().split(/\s+/).map(Number);
  if (!fields || fields.length < 10) return null;
  return { one: (fields[5] ?? 0) * SECTOR_BYTES, other: (fields[9] ?? 0) * SECTOR_BYTES };
}

/** Bytes received and sent by the machine's network cards; null when it has none. */
export function networkPassed(table = read("/proc/net/dev")): Passed | null {
  const cards = table.split("\n").flatMap((line) => {
    const [name, counts] = line.split(":");
    if (!name || !counts || VIRTUAL.test(name.trim())) return [];
    const fields = counts.trim().split(/\s+/).map(Number);
    return [{ one: fields[0] ?? 0, other: fields[8] ?? 0 }];
  });
  if (cards.length === 0) return null;
  return cards.reduce((sum, card) => ({ one: sum.one + card.one, other: sum.other + card.other }));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
