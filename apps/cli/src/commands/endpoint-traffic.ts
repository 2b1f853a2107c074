import { type Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { describeEndpoint } from "../describe-endpoint.ts";
import { CliError } from "../errors.ts";
import { parseDuration } from "../quantities.ts";

interface Share {
  version: number;
  percent: number;
}

export function endpointTrafficCommand(cli: Cli): Command {
  return leaf(
    "traffic",
    "set the shares of an endpoint's versions, all at once",
    "Shares add up to 100; versions that are not named get nothing, and stay ready for a while: go back with podium endpoint rollback.",
  )
    .argument("<name>")
    .argument("[share...]", "VERSION=PERCENT, such as 3=90 4=10", parseShare)
    .option(
      "--keep <duration>",
      "how long versions that lost their traffic are kept ready, such as 2h",
      parseDuration,
    )
    .action(async (name: string, shares: Share[], options: { keep?: number; json?: boolean }) => {
      if (shares.length === 0 && options.keep === undefined)
        throw new CliError("Say who gets what, such as 3=90 4=10, or --keep.");
      const body = {
        ...(shares.length > 0 && { shares }),
        ...(options.keep !== undefined && { keep_old_ms: options.keep }),
      };
      const params = { path: { name } };
      const endpoint = await ok(cli.api().PUT("/api/v1/endpoints/{name}/traffic", { params, body }));
      show(cli, options, endpoint, describeEndpoint);
    });
}

function parseShare(text: string, before: Share[] | undefined): Share[] {
  const match = /^v?(\d{1,7})=(\d{1,3}(?:\.\d{1,2})?)%?$/.exec(text);
  if (!match) throw new InvalidArgumentError("Say it as VERSION=PERCENT, such as 3=90.");
  return [...(before ?? []), { version: Number(match[1]), percent: Number(match[2]) }];
}
