import type { Cli } from "./cli.ts";
import { allPages, ok } from "./client.ts";
import { CliError } from "./errors.ts";
import { currentRound } from "./find-competition.ts";
import type { Submission } from "./types.ts";

interface Where {
  round?: string;
  team?: string;
}

/**
 * A submission by its id, or by its number in a round (default: the last that has opened). Of several teams' it is the
 * one of the team that is named.
 */
export async function findSubmission(
  cli: Cli,
  competition: string,
  reference: string,
  { round, team }: Where,
): Promise<Submission> {
  const api = cli.api();
  if (reference.startsWith("sub_"))
    return ok(
      api.GET("/api/v1/submissions/{id}", { params: { path: { id: reference as Submission["id"] } } }),
    );
  const params = { path: { name: competition } };
  const name = round ?? currentRound(await ok(api.GET("/api/v1/competitions/{name}", { params })));
  const all = await allPages((query) =>
    ok(api.GET("/api/v1/competitions/{name}/submissions", { params: { ...params, query } })),
  );
  const found = all.filter(
    (each) =>
      each.round === name &&
      String(each.number) === reference &&
      (team === undefined || each.entrant === team),
  );
  const [only] = found;
  if (only && found.length === 1) return only;
  throw new CliError(
    only
      ? `${found.map(({ entrant }) => entrant).join(" and ")} have a submission ${reference} in ${name}: name one with --team.`
      : `There is no submission ${reference} of yours in ${name}: podium competition submissions ${competition} lists them.`,
  );
}
