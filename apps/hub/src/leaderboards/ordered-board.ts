import { compareKeys, compareRows } from "@podium/shared/boards/board-rule";
import type { StoredRow } from "./store.ts";

export interface Place {
  rank: number;
  row: StoredRow;
}

/**
 * A board in memory, in order. Places and ranks are found by bisection, so that any page of 100,000 rows takes
 * microseconds, and a row that changes is taken out and put in where it belongs.
 */
export class OrderedBoard {
  readonly #rows: StoredRow[];
  readonly #byEntrant: Map<string, StoredRow>;
  readonly #byTeam: Map<string, StoredRow>;

  constructor(rows: readonly StoredRow[]) {
    this.#rows = [...rows].sort(compareRows);
    this.#byEntrant = new Map(rows.map((row) => [row.entrantId, row]));
    this.#byTeam = new Map(rows.map((row) => [row.team, row]));
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Puts changed rows where they belong. Many at once are sorted in together. */
  apply(changed: readonly StoredRow[]): void {
    const many = changed.length > 64;
    for (const row of changed) {
      const old = this.#byEntrant.get(row.entrantId);
      this.#byEntrant.set(row.entrantId, row);
      this.#byTeam.set(row.team, row);
      if (many) continue;
      if (old) this.#rows.splice(this.#indexOf(old), 1);
      this.#rows.splice(this.#indexOf(row), 0, row);
    }
    if (!many) return;
    this.#rows.length = 0;
    for (const row of this.#byEntrant.values()) this.#rows.push(row);
    this.#rows.sort(compareRows);
  }

  /** Rows of a range of places, the first is 0. */
  slice(from: number, to: number): Place[] {
    const rows = this.#rows.slice(Math.max(0, from), Math.max(0, to));
    let rank = 0;
    return rows.map((row, at) => {
      const before = rows[at - 1];
      const ties = before !== undefined && compareKeys(before.sortKeys, row.sortKeys) === 0;
      if (!ties) rank = at === 0 ? this.rankOf(row) : Math.max(0, from) + at + 1;
      return { rank, row };
    });
  }

  ofTeam(team: string): Place | null {
    const row = this.#byTeam.get(team);
    return row ? { rank: this.rankOf(row), row } : null;
  }

  /** Place of a team's row, from 0; −1 when it has none. */
  placeOfTeam(team: string): number {
    const row = this.#byTeam.get(team);
    return row ? this.#indexOf(row) : -1;
  }

  /** Place of the first row of this rank or a worse one. */
  placeOfRank(rank: number): number {
    const at = Math.max(0, rank - 1);
    const row = this.#rows[at];
    // A rank that nobody has is inside of a tie: what follows begins behind it.
    return row === undefined || this.rankOf(row) === rank ? at : this.#firstWorseThan(row.sortKeys);
  }

  /** Place of the row that shows this submission, from 0, looked for around a guess; −1 when none does. */
  placeOfSubmission(id: string, guess: number): number {
    if (this.#rows[guess]?.bestSubmissionId === id) return guess;
    return this.#rows.findIndex((row) => row.bestSubmissionId === id);
  }

  /** 1 + how many are better: ties share a rank. */
  rankOf({ sortKeys }: StoredRow): number {
    return 1 + this.#bisect((row) => compareKeys(row.sortKeys, sortKeys) < 0);
  }

  rows(): readonly StoredRow[] {
    return this.#rows;
  }

  #firstWorseThan(keys: readonly number[]): number {
    return this.#bisect((row) => compareKeys(row.sortKeys, keys) <= 0);
  }

  #indexOf(row: StoredRow): number {
    return this.#bisect((other) => compareRows(other, row) < 0);
  }

  /** Number of rows from the beginning that `holds` is true for. */
  #bisect(holds: (row: StoredRow) => boolean): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = this.#rows[middle];
      if (row !== undefined && holds(row)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
