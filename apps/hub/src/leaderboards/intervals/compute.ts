import { type BoardName, type Id, orderOf } from "@podium/shared";
import { BOARDS } from "@podium/shared/boards/board-rule";
import { cutOf } from "@podium/shared/boards/rank";
import { findCompetition, findRound } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import { oneByOne } from "../../platform/one-by-one.ts";
import { emit } from "../../platform/outbox.ts";
import { sha256 } from "../../platform/secrets.ts";
import { readLosses } from "../ladder/losses.ts";
import { finalStandings } from "../survivors/store.ts";
import { bootstrapRanks, type RankInterval } from "./bootstrap.ts";
import { seededInts } from "./random.ts";
import { roundsWithoutIntervals, rowsWithLosses, writeIntervals } from "./store.ts";

const RESAMPLES = 1_000;
/** Entrants × rows that are resampled: 4,000 million steps, some seconds; entrants below get no interval. */
const MAX_CELLS = 4_000_000;
const MAX_ENTRANTS = 2_000;
/** Other work of the hub gets its turn after so many resamples. */
const TURN = 5;

/** Works out the rank intervals of all rounds that show them and whose boards have changed since. */
export async function computeDueIntervals(ctx: Context): Promise<void> {
  await oneByOne(ctx, await roundsWithoutIntervals(ctx.db), "computing rank intervals", (id) =>
    computeIntervals(ctx, id),
  );
}

/** Works out a round's rank intervals on both boards and stores them. The same submissions give the same ones. */
async function computeIntervals(ctx: Context, roundId: string): Promise<void> {
  const round = await findRound(ctx.db, { id: roundId });
  const found = round ? await findCompetition(ctx.db, { id: round.competitionId }) : null;
  if (!round || !found?.competition.definition.leaderboard.intervals) return;
  const order = orderOf(found.competition.definition.metric);
  const rule = round.definition.survivors;
  // Whether a score passes a threshold is no question of ranks.
  const counts = "top" in rule || "share" in rule;
  const places = counts ? cutOf(await finalStandings(ctx.db, roundId), rule, order).places : null;
  const all = new Map<BoardName, Map<string, RankInterval>>();
  for (const board of BOARDS) all.set(board, await intervalsOf(ctx, roundId, board, places));
  await ctx.db.transaction(async (tx) => {
    for (const [board, intervals] of all) await writeIntervals(tx, roundId, board, intervals);
    await emit(ctx, tx, {
      type: "leaderboard.changed",
      competition_id: round.competitionId as Id<"competition">,
      round_id: round.id as Id<"round">,
    });
  });
}

async function intervalsOf(
  ctx: Context,
  roundId: string,
  board: BoardName,
  places: number | null,
): Promise<Map<string, RankInterval>> {
  const entrants: string[] = [];
  const losses: Float64Array[] = [];
  for (const { entrantId, lossesTree } of await rowsWithLosses(ctx.db, roundId, board, MAX_ENTRANTS)) {
    const its = lossesTree ? await readLosses(ctx, lossesTree, board) : null;
    const rows = losses[0]?.length ?? its?.length ?? 0;
    // Losses of other rows are from before the labels were replaced.
    if (!its || its.length !== rows || rows === 0) continue;
    if ((losses.length + 1) * rows > MAX_CELLS) break;
    entrants.push(entrantId);
    losses.push(its);
  }
  const draw = seededInts(Number.parseInt(sha256(`${roundId} ${board}`).slice(0, 8), 16));
  const steps = bootstrapRanks(losses, { resamples: RESAMPLES, draw, places });
  for (let n = 1; ; n += 1) {
    const { done, value } = steps.next();
    if (done) return new Map(value.map((interval, index) => [entrants[index] ?? "", interval]));
    if (n % TURN === 0) await Bun.sleep(0);
  }
}
