import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";

/** The team that is meant when none is named. */
export async function personalTeam(cli: Cli): Promise<string> {
  const me = await ok(cli.api().GET("/api/v1/me"));
  return me.teams.find((team) => team.personal)?.slug ?? me.name;
}
