import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { describeEndpoint } from "../describe-endpoint.ts";

export function endpointRollbackCommand(cli: Cli): Command {
  return leaf(
    "rollback",
    "go back to the shares before the last change or canary, at once",
    "A canary that is under way is ended. Doing it twice goes forth again.",
  )
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const params = { path: { name } };
      const endpoint = await ok(cli.api().POST("/api/v1/endpoints/{name}/traffic/rollback", { params }));
      show(cli, options, endpoint, describeEndpoint);
    });
}
