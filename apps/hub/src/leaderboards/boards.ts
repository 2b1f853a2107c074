import type { BoardName, CompetitionDefinition, RoundDefinition } from "@podium/shared";
import { boardRule } from "@podium/shared/boards/board-rule";
import type { Context } from "../platform/context.ts";
import type { Db } from "../platform/database.ts";
import { recount } from "./counting/store.ts";
import { OrderedBoard } from "./ordered-board.ts";
import { type BoardHead, boardHead, boardStamp, rowsSince, type StoredRow, teamsOf } from "./store.ts";

/** Rows that are kept in memory, of all boards together. */
const MAX_ROWS = 1_000_000;
/** Times in the past of which a board is kept, of all rounds together. */
const MAX_SNAPSHOTS = 12;

const MAX_HEADS = 1_000;

/** What a board is read from. */
export interface Source {
  competitionId: string;
  roundId: string;
  definition: CompetitionDefinition;
  round: RoundDefinition;
  /** the boards' present version, and the last that voids copies from before it */
  version: number;
  resetAt: number;
}

interface Kept {
  board: OrderedBoard;
  version: number;
}

/**
 * A hub's copies of boards. A read gives the version that it has found in the database; a copy that is older first
 * takes in the rows that have changed since. So no event is needed for a copy to be right, and none can be missed.
 */
export class Boards {
  readonly #heads = new Map<string, { stamp: string; head: BoardHead }>();
  readonly #kept = new Map<string, Kept>();
  readonly #loading = new Map<string, Promise<Kept>>();
  readonly #snapshots = new Map<string, Promise<OrderedBoard>>();

  /** A round with its competition and its boards' present version; the rows are read again only when they have changed. */
  async head(db: Db, competition: string, round: string): Promise<BoardHead | null> {
    const key = `${competition} ${round}`;
    const now = await boardStamp(db, competition, round);
    const known = this.#heads.get(key);
    if (now && known?.stamp === now.stamp)
      return { ...known.head, version: now.version, resetAt: now.resetAt };
    this.#heads.delete(key);
    const head = now && (await boardHead(db, competition, round));
    // Rows that changed between both queries have another stamp than this one, and are read again next time.
    if (head) this.#heads.set(key, { stamp: now.stamp, head });
    for (const oldest of this.#heads.keys()) {
      if (this.#heads.size <= MAX_HEADS) break;
      this.#heads.delete(oldest);
    }
    return head;
  }

  /** The stored board, at least as new as `source` says. */
  async live(ctx: Context, source: Source, name: BoardName): Promise<OrderedBoard> {
    const key = `${name} ${source.roundId}`;
    for (;;) {
      const kept = this.#kept.get(key);
      if (kept && kept.version >= source.version) return this.#touch(key, kept).board;
      let loading = this.#loading.get(key);
      if (!loading) {
        loading = this.#load(ctx, source, name, kept).finally(() => this.#loading.delete(key));
        this.#loading.set(key, loading);
        this.#touch(key, await loading);
        this.#evict(key);
      } else await loading;
    }
  }

  /** The board as it stood at a time that has passed, worked out from submissions alone. */
  async at(ctx: Context, source: Source, name: BoardName, at: Date): Promise<OrderedBoard> {
    const key = `${name} ${source.roundId} ${at.toISOString()} ${source.resetAt}`;
    let snapshot = this.#snapshots.get(key);
    if (!snapshot) {
      snapshot = recountedBoard(ctx, source, name, at);
      snapshot.catch(() => this.#snapshots.delete(key));
    }
    this.#snapshots.delete(key);
    this.#snapshots.set(key, snapshot);
    for (const oldest of this.#snapshots.keys()) {
      if (this.#snapshots.size <= MAX_SNAPSHOTS) break;
      this.#snapshots.delete(oldest);
    }
    return snapshot;
  }

  async #load(ctx: Context, source: Source, name: BoardName, kept: Kept | undefined): Promise<Kept> {
    const { roundId, version } = source;
    if (!kept || kept.version < source.resetAt)
      return { board: new OrderedBoard(await rowsSince(ctx.db, roundId, name, -1)), version };
    kept.board.apply(await rowsSince(ctx.db, roundId, name, kept.version));
    return { board: kept.board, version };
  }

  #touch(key: string, kept: Kept): Kept {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  /** Lets the boards go that nobody has read for longest. */
  #evict(latest: string): void {
    let rows = [...this.#kept.values()].reduce((sum, { board }) => sum + board.size, 0);
    for (const [key, { board }] of this.#kept) {
      if (rows <= MAX_ROWS) return;
      if (key === latest) continue;
      this.#kept.delete(key);
      rows -= board.size;
    }
  }
}

/** A board worked out from submissions alone; `at`: as it stood then. */
export async function recountedBoard(
  ctx: Context,
  {
    competitionId,
    roundId,
    definition,
    round,
  }: Pick<Source, "competitionId" | "roundId" | "definition" | "round">,
  name: BoardName,
  at?: Date,
): Promise<OrderedBoard> {
  const teams = await teamsOf(ctx.db, competitionId);
  const counted = await recount(ctx.db, boardRule(definition, round), roundId, name, at);
  const unknown = { survives: null, rankLow: null, rankHigh: null, chance: null };
  const rows = counted.map((row): StoredRow => {
    const { team = "", teamId = "" } = teams.get(row.entrantId) ?? {};
    return { ...row, team, teamId, ...unknown };
  });
  return new OrderedBoard(rows);
}
