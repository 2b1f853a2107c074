import type { Cli } from "./cli.ts";
import { allPages, ok } from "./client.ts";
import { CliError } from "./errors.ts";
import type { Competition, Session } from "./types.ts";

/** The competition whose training data the session ran on, by the dataset in its name `owner/dataset/N`. */
export async function competitionOf(cli: Cli, session: Session): Promise<string> {
  const dataset = session.name.split("/")[1] ?? "None";
  const all = await allPages((query) => ok(cli.api().GET("/api/v1/competitions", { params: { query } })));
  const names = all
    .filter((competition) => usesDataset(competition, dataset))
    .map((competition) => competition.name);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new CliError(
    names.length === 0
      ? `${session.name} did not run on a competition's data. Name the competition: -c NAME`
      : `${session.name} fits several competitions (${names.join(", ")}). Name one: -c NAME`,
  );
}

function usesDataset(competition: Competition, dataset: string): boolean {
  return competition.rounds.some((round) => round.dataset?.split("/").at(-1) === dataset);
}

/** Name of the round to show when none is named: the last one that has opened. */
export function currentRound(competition: Competition): string {
  const opened = competition.rounds.filter((round) => round.state !== "upcoming");
  const round = opened.at(-1) ?? competition.rounds[0];
  if (!round) throw new CliError(`${competition.name} has no rounds.`);
  return round.name;
}
