import type { BoardName } from "@podium/shared";
import { type Standing, type Standings, standingsOf } from "@podium/shared/boards/standings";
import { type ExportedContest, readBoard, readContest, readSubmissions } from "./results-folder.ts";

export interface RecomputedRound {
  round: string;
  submissions: number;
  /** the final board, as the submissions give it */
  ranks: { rank: number; entrant: string; score: number; survives: boolean }[];
  /** where the exported boards say something else */
  differences: string[];
  /** what could not be compared, and why */
  notes: string[];
}

/**
 * Works the boards and survivors of an exported contest out of its submissions alone, with the hub's own rules, and
 * compares them with the boards that were exported. Asks nobody. @throws CliError for a folder that is no export
 */
export function recomputeResults(folder: string): RecomputedRound[] {
  const contest = readContest(folder);
  return contest.rounds.map((round) => recomputeRound(folder, contest, round));
}

function recomputeRound(
  folder: string,
  contest: ExportedContest,
  { round, definition, advanced_at }: ExportedContest["rounds"][number],
): RecomputedRound {
  const entrants = new Map(contest.entrants.map((each) => [each.team, each]));
  const isOn = (team: string) => ["active", "eliminated"].includes(entrants.get(team)?.state ?? "");
  const counting = readSubmissions(folder, round).filter(({ entrant }) => isOn(entrant));
  const standings = standingsOf(
    contest.definition,
    definition,
    counting,
    (team) => entrants.get(team)?.id ?? team,
  );
  const differences = (["public", "private"] as const).flatMap((board) => {
    const rows = standings[board];
    return rows === null ? [] : boardDifferences(folder, round, board, rows);
  });
  if (advanced_at !== null) differences.push(...survivorDifferences(folder, round, standings));
  const survivors = new Set(standings.survivors);
  return {
    round,
    submissions: counting.length,
    ranks: standings.private.map(({ rank, entrant, score }) => ({
      rank,
      entrant,
      score,
      survives: survivors.has(entrant),
    })),
    differences,
    notes:
      standings.public === null
        ? ["The public board is the Ladder's: it follows from the losses of rows, which are not exported."]
        : [],
  };
}

function boardDifferences(
  folder: string,
  round: string,
  board: BoardName,
  recomputed: readonly Standing[],
): string[] {
  const exported = new Map(readBoard(folder, round, board).map((row) => [row.entrant, row]));
  const found: string[] = [];
  for (const { entrant, rank, score, submissions, bestSubmissionId: best } of recomputed) {
    const shown = exported.get(entrant);
    exported.delete(entrant);
    const right = { rank, score, submissions, best };
    if (!shown) found.push(`${board}: ${entrant} is not on the board, and has rank ${rank} with ${score}`);
    else
      for (const key of ["rank", "score", "submissions", "best"] as const)
        if (shown[key] !== right[key])
          found.push(`${board}: ${entrant} has ${key} ${shown[key]}, recomputed ${right[key]}`);
  }
  for (const entrant of exported.keys())
    found.push(`${board}: ${entrant} is on the board, and no submission of it counts`);
  return found;
}

function survivorDifferences(folder: string, round: string, { survivors }: Standings): string[] {
  const right = new Set(survivors);
  return readBoard(folder, round, "private").flatMap(({ entrant, survives }) =>
    survives === null || survives === right.has(entrant)
      ? []
      : [
          `${entrant} ${survives ? "went on" : "did not go on"}, and by the round's rule it would be otherwise`,
        ],
  );
}
