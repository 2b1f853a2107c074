import type { Cli } from "./cli.ts";
import { allPages, ok } from "./client.ts";
import { CliError } from "./errors.ts";

/**
 * The team that is meant in a competition when none is named: the one of yours that takes part, else your personal team.
 * Throws a `CliError` where several take part.
 */
export async function enteredTeam(cli: Cli, competition: string): Promise<string> {
  const me = await ok(cli.api().GET("/api/v1/me"));
  const personal = me.teams.find((team) => team.personal)?.slug ?? me.name;
  if (me.teams.every((team) => team.personal)) return personal;
  const params = { path: { name: competition } };
  const entrants = await allPages((query) =>
    ok(cli.api().GET("/api/v1/competitions/{name}/entrants", { params: { ...params, query } })),
  );
  const mine = entrants
    .filter(({ state, team }) => state !== "merged" && me.teams.some(({ slug }) => slug === team))
    .map(({ team }) => team);
  if (mine.length > 1)
    throw new CliError(`Several of your teams take part (${mine.join(", ")}). Name one with --team.`);
  return mine[0] ?? personal;
}
