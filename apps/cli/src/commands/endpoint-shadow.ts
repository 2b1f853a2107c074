import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { describeEndpoint } from "../describe-endpoint.ts";
import { parseCount, parseNumber } from "../quantities.ts";

interface Options {
  share: number;
  tolerance: number;
  off?: boolean;
  json?: boolean;
}

export function endpointShadowCommand(cli: Cli): Command {
  return leaf(
    "shadow",
    "send a version copies of calls and compare its answers, which no caller gets",
    "podium endpoint show says how they compare. Copies cost nothing, delay nobody, and are dropped first under load.",
  )
    .argument("<name>")
    .argument("<version>", "one that has no traffic", parseCount)
    .option("--share <percent>", "of the calls", parseNumber, 100)
    .option("--tolerance <number>", "by how much numbers may differ", parseNumber, 0.001)
    .option("--off", "no copies any more")
    .action(async (name: string, version: number, options: Options) => {
      const percent = options.off ? 0 : options.share;
      const body = { version, percent, tolerance: options.tolerance };
      const params = { path: { name } };
      const endpoint = await ok(cli.api().PUT("/api/v1/endpoints/{name}/shadow", { params, body }));
      show(cli, options, endpoint, describeEndpoint);
    });
}
