import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { MinuteFigures } from "@podium/shared";

export interface StoredMinute {
  sequence: number;
  minute: string;
  items: MinuteFigures[];
}

/** About a week of minutes: a hub that is away for longer misses the oldest. */
const MAX_MINUTES = 10_000;

/**
 * Minutes that the hub has not acknowledged, on disk. Numbers are never used twice, also not after a restart, so that
 * the hub takes each once. A crash loses at most the minute that had not been written.
 */
export class FiguresFile {
  readonly #database: Database;

  constructor(folder: string) {
    this.#database = new Database(join(folder, "figures.sqlite"), { create: true });
    this.#database.run("PRAGMA journal_mode = WAL");
    this.#database.run(
      "create table if not exists minutes (sequence integer primary key autoincrement, minute text not null, items text not null)",
    );
  }

  append(minute: string, items: MinuteFigures[]) {
    this.#database.run("insert into minutes (minute, items) values (?, ?)", [minute, JSON.stringify(items)]);
    this.#database.run("delete from minutes where sequence <= (select max(sequence) from minutes) - ?", [
      MAX_MINUTES,
    ]);
  }

  /** The oldest minute; null: there is none. */
  first(): StoredMinute | null {
    const row = this.#database
      .query<{ sequence: number; minute: string; items: string }, []>(
        "select * from minutes order by sequence limit 1",
      )
      .get();
    return row && { ...row, items: JSON.parse(row.items) as MinuteFigures[] };
  }

  /** The hub has every minute up to this one. */
  acknowledge(sequence: number) {
    this.#database.run("delete from minutes where sequence <= ?", [sequence]);
  }

  close() {
    this.#database.close();
  }
}
