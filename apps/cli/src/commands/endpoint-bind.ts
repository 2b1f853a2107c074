import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { parseCount, parseNumber } from "../quantities.ts";
import { parseReplicas, type ScalingOptions, scalingOf } from "../scaling-options.ts";
import { findSession } from "../session-ref.ts";
import type { Binding } from "../types.ts";

const LOOK_AGAIN_MS = 200;

interface Options extends ScalingOptions {
  weight: number;
  maxBatch: number;
  wait: boolean;
  json?: boolean;
}

export function endpointBindCommand(cli: Cli): Command {
  return leaf(
    "bind",
    "send an endpoint's calls to a checkpoint of a session",
    "Waits until the model is loaded and answers.",
  )
    .argument("<endpoint>")
    .argument("<session>", "owner/dataset/N or id")
    .argument("<checkpoint>", "name of the checkpoint")
    .option(
      "--weight <number>",
      "share of the calls, relative to the endpoint's other models",
      parseNumber,
      1,
    )
    .option("--max-batch <number>", "calls that the model takes at once", parseCount, 64)
    .option("--min <count>", "replicas that it has at least; 0: none while nobody calls", parseReplicas)
    .option("--max <count>", "replicas that it has at most (default: --min, or 1)", parseCount)
    .option("--target <calls>", "calls that one replica carries (default: --max-batch)", parseCount)
    .option(
      "--scale-down-after <seconds>",
      "how long fewer must have been enough (default: 60)",
      parseReplicas,
    )
    .option(
      "--idle-after <seconds>",
      "with --min 0: how long nobody must have called (default: 300)",
      parseCount,
    )
    .option("--no-wait", "return before the model is loaded")
    .action(async (name: string, reference: string, checkpoint: string, options: Options) => {
      const session = await findSession(cli, reference);
      const params = { path: { name } };
      const body = {
        session_id: session.id,
        checkpoint,
        weight: options.weight,
        max_batch: options.maxBatch,
        scaling: scalingOf({ ...options, max: options.max ?? Math.max(1, options.min ?? 1) }),
      };
      const binding = await ok(cli.api().POST("/api/v1/endpoints/{name}/bindings", { params, body }));
      const bound = options.wait ? await untilReady(cli, name, binding) : binding;
      show(cli, options, bound, ({ model, state }) => `${name} → ${model} is ${state}.`);
    });
}

async function untilReady(cli: Cli, name: string, binding: Binding): Promise<Binding> {
  for (let current = binding; ; ) {
    if (current.state === "ready") return current;
    if (current.state !== "starting")
      throw new CliError(`The model did not start: ${current.failure ?? current.state}`);
    cli.out.progress(`${current.model} is starting`);
    await Bun.sleep(LOOK_AGAIN_MS);
    const endpoint = await ok(cli.api().GET("/api/v1/endpoints/{name}", { params: { path: { name } } }));
    const found = endpoint.bindings.find((each) => each.id === binding.id);
    if (!found) throw new CliError(`${name} no longer has this model: it was unbound meanwhile.`);
    current = found;
  }
}
