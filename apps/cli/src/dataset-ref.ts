import type { Cli } from "./cli.ts";
import { allPages, ok } from "./client.ts";
import { CliError } from "./errors.ts";
import { personalTeam } from "./personal-team.ts";

export interface DatasetRef {
  team: string;
  name: string;
  /** null: none was named */
  version: number | null;
}

/** What `NAME`, `team/NAME` or either with `@version` names; without a team, one of one's own. */
export async function ownDataset(cli: Cli, reference: string): Promise<DatasetRef> {
  const match = /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)(?:@(\d{1,9}))?$/.exec(reference);
  const [, team, name, version] = match ?? [];
  if (name === undefined)
    throw new CliError(
      `"${reference}" is not a dataset's name: lower-case letters, digits, hyphens; team/NAME for another team's, NAME@2 for a version.`,
    );
  return {
    team: team ?? (await personalTeam(cli)),
    name,
    version: version === undefined ? null : Number(version),
  };
}

/** Without a team: one's own dataset, else the only one of this name that one may read, as `podium run -d` does. */
export async function readableDataset(cli: Cli, reference: string): Promise<DatasetRef> {
  const own = await ownDataset(cli, reference);
  if (reference.includes("/")) return own;
  const all = await allPages((query) =>
    ok(cli.api().GET("/api/v1/datasets", { params: { query: { ...query, q: own.name } } })),
  );
  const named = all.filter((dataset) => dataset.name === own.name);
  if (named.length === 0 || named.some((dataset) => dataset.team === own.team)) return own;
  if (named.length === 1) return { ...own, team: named[0]?.team ?? own.team };
  const choices = named.map((dataset) => `${dataset.team}/${dataset.name}`).join(", ");
  throw new CliError(`There are several datasets of this name. Say which: ${choices}.`);
}

/** A dataset without a version, for what is done to all of it. */
export function refuseVersion({ version }: DatasetRef, reference: string): void {
  if (version !== null)
    throw new CliError(
      `Versions never change: name the dataset alone, without @${version} ("${reference}").`,
    );
}
