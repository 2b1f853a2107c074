import type { RoundDefinition } from "@podium/shared";
import { leaderboardSchema } from "@podium/shared";
import { check } from "../check.ts";
import { answerOf } from "../hub-api.ts";
import type { Summary } from "../summary.ts";
import type { World } from "../world.ts";
import type { Board } from "./watch-board.ts";

/** Holds a closed round's leaderboard against the rules, and against one worked out from the submissions alone. */
export async function checkRound(
  world: World,
  competition: string,
  round: RoundDefinition,
  board: Board,
  entrants: readonly string[],
): Promise<Summary["rounds"][number]> {
  const scores = board.rows.map((row) => row.score);
  const better = (a: number, b: number) => (board.order === "ascending" ? a - b : b - a);
  check(board.rows.length === entrants.length, `every entrant of ${round.name} is on its leaderboard`);
  check(
    scores.every((score, i) => i === 0 || better(scores[i - 1] ?? score, score) <= 0),
    `${round.name}'s leaderboard is in order`,
  );

  const path = `/competitions/${competition}/rounds/${round.name}/leaderboard/recomputed`;
  const recomputed = leaderboardSchema.parse(await answerOf(world, world.organizer, path));
  check(
    Bun.deepEquals(recomputed.rows, board.rows),
    `${round.name}'s leaderboard equals the one recomputed from its submissions`,
  );

  const survivors = board.rows.filter((row) => row.survives).map((row) => row.entrant);
  check(
    Bun.deepEquals(survivors, expectedSurvivors(round, board)),
    `the right entrants survive ${round.name} (${survivors.join(", ")})`,
  );
  return {
    name: round.name,
    metric: board.metric,
    order: board.order,
    leaderboard: board.rows.map(({ rank, entrant, score, submissions }) => ({
      rank,
      entrant,
      score,
      submissions,
    })),
    survivors,
  };
}

/** Who survives by the round's rule: the best part, and who ties with the last of it. */
function expectedSurvivors({ survivors: rule }: RoundDefinition, { rows }: Board): string[] {
  const places =
    "share" in rule ? Math.ceil(rule.share * rows.length) : "top" in rule ? rule.top : rows.length;
  const last = rows[Math.min(places, rows.length) - 1];
  return rows.filter((row, index) => index < places || row.score === last?.score).map((row) => row.entrant);
}
