import { type LeaderboardRow, leaderboardSchema } from "@podium/shared";
import type { z } from "zod";
import type { Finished } from "../run-process.ts";
import type { World } from "../world.ts";

export type Board = z.infer<typeof leaderboardSchema>;

/** The organizer watches the leaderboard with `podium board -f`; answers it as it stands once the round has closed. */
export async function watchBoard(world: World, competition: string, round: string): Promise<Board> {
  let last: Board | undefined;
  let shown = "";
  const finished: Finished = await world.organizer.podium(["board", competition, round, "-f", "--json"], {
    onOutLine: (line) => {
      last = leaderboardSchema.parse(JSON.parse(line));
      const text = last.rows.map(describeRow).join("   ");
      if (text !== shown && text !== "") world.display.note(`${round}: ${text}`);
      shown = text;
    },
  });
  if (finished.exitCode !== 0 || last?.state !== "closed")
    throw new Error(`podium board ended early:\n${finished.stderr}`);
  return last;
}

export function describeRow(row: LeaderboardRow): string {
  return `${row.rank}. ${row.entrant} ${Number(row.score.toPrecision(5))}`;
}
