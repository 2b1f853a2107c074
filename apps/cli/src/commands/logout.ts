import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { createApi } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { readConfig, removeConfig } from "../config.ts";

export function logoutCommand(cli: Cli): Command {
  return leaf("logout", "forget the log-in of this machine and revoke its token").action(
    async (options: JsonOption) => {
      const config = readConfig(cli.env.configPath);
      if (config === null) {
        show(cli, options, { logged_out: false }, () => "You were not logged in.");
        return;
      }
      removeConfig(cli.env.configPath);
      const revoked = config.token_id !== null && (await revoke(config.url, config.token, config.token_id));
      const rest = revoked
        ? ""
        : " Its token was not revoked: delete it on the web page if you don't need it.";
      show(cli, options, { logged_out: true, revoked }, () => `Logged out of ${config.url}.${rest}`);
    },
  );
}

/** True when the hub took the token back. Logging out works without the hub too. */
async function revoke(url: string, token: string, id: string): Promise<boolean> {
  try {
    const { response } = await createApi(url, { token }).DELETE("/api/v1/tokens/{id}", {
      params: { path: { id } },
    });
    return response.ok;
  } catch {
    return false;
  }
}
