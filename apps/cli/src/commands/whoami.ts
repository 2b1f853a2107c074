import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";

export function whoamiCommand(cli: Cli): Command {
  return leaf("whoami", "show who you are at which hub").action(async (options: JsonOption) => {
    const api = cli.api();
    const me = await ok(api.GET("/api/v1/me"));
    show(cli, options, me, ({ email, name, role, teams }) => {
      const list = teams
        .map((team) => `${team.slug} (${team.role}${team.personal ? ", personal" : ""})`)
        .join(", ");
      return `${name} <${email}>, ${role}, at ${api.url}\nTeams: ${list}`;
    });
  });
}
