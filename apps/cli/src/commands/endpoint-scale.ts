import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { parseCount } from "../quantities.ts";
import { parseReplicas, type ScalingOptions, scalingOf } from "../scaling-options.ts";

export function endpointScaleCommand(cli: Cli): Command {
  return leaf(
    "scale",
    "change how many replicas a model of an endpoint may have",
    "With --min 0 the model is stopped when nobody calls it; the next call starts it again, and waits.",
  )
    .argument("<endpoint>")
    .argument("<version>", "of the model, as podium endpoint show lists it", parseCount)
    .option("--min <count>", "replicas that it has at least", parseReplicas)
    .option("--max <count>", "replicas that it has at most", parseCount)
    .option("--target <calls>", "calls, waiting or being answered, that one replica carries", parseCount)
    .option("--scale-down-after <seconds>", "how long fewer must have been enough", parseReplicas)
    .option("--idle-after <seconds>", "how long nobody must have called before the last one goes", parseCount)
    .action(async (name: string, version: number, options: ScalingOptions & { json?: boolean }) => {
      const change = scalingOf(options);
      if (Object.keys(change).length === 0)
        throw new CliError(
          "Say what shall change: --min, --max, --target, --scale-down-after or --idle-after.",
        );
      const endpoint = await ok(cli.api().GET("/api/v1/endpoints/{name}", { params: { path: { name } } }));
      const found = endpoint.bindings.find((binding) => binding.version === version);
      if (!found) throw new CliError(`${name} has no version ${version}: see podium endpoint show ${name}.`);
      const params = { path: { name, id: found.id } };
      const scaled = await ok(
        cli.api().PATCH("/api/v1/endpoints/{name}/bindings/{id}/scaling", { params, body: change }),
      );
      show(
        cli,
        options,
        scaled,
        ({ scaling: { min_replicas, max_replicas, wanted } }) =>
          `${name} version ${version}: ${min_replicas} to ${max_replicas} replicas, ${wanted} wanted now.`,
      );
    });
}
