import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { type ModelOptions, modelOf } from "../onnx-model.ts";
import { parseBytes, parseCount, parseGpus, parseNumber } from "../quantities.ts";
import { parseReplicas, type ScalingOptions, scalingOf } from "../scaling-options.ts";
import type { Binding } from "../types.ts";

const LOOK_AGAIN_MS = 200;

interface Options extends ModelOptions, ScalingOptions {
  weight?: number;
  maxBatch: number;
  wait: boolean;
  json?: boolean;
}

export function endpointBindCommand(cli: Cli): Command {
  return leaf(
    "bind",
    "send an endpoint's calls to a checkpoint of a session, or to an ONNX file",
    "podium endpoint bind ENDPOINT SESSION CHECKPOINT: the script loads it and answers with its infer; with --onnx PATH, that file of the checkpoint is served without the script.\n" +
      "podium endpoint bind ENDPOINT --onnx PATH: pushes an ONNX file of this machine, or a folder with the model and its weights, and serves it.\n\n" +
      "Waits until the model is loaded and answers.",
  )
    .usage("[options] <endpoint> <session> <checkpoint>  |  <endpoint> --onnx <path>")
    .argument("<endpoint>")
    .argument("[session]", "owner/dataset/N or id")
    .argument("[checkpoint]", "name of the checkpoint")
    .option("--onnx <path>", "serve an ONNX file")
    .option("--file <path>", "of a folder: the model in it (default: model.onnx, or the only .onnx file)")
    .option("-g, --gpus <number>", "of an ONNX file: GPUs", parseGpus)
    .option("--cpus <number>", "of an ONNX file: CPUs, and as many threads", parseNumber)
    .option("--memory <size>", "of an ONNX file: memory (default: 512M)", parseBytes)
    .option(
      "--weight <number>",
      "share of the calls, relative to the endpoint's other models (default: none beside those that have calls)",
      parseNumber,
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
    .action(
      async (name: string, session: string | undefined, checkpoint: string | undefined, options: Options) => {
        const params = { path: { name } };
        const { team } = await ok(cli.api().GET("/api/v1/endpoints/{name}", { params }));
        const model = await modelOf(cli, session, checkpoint, options, team);
        const scaling = scalingOf({ ...options, max: options.max ?? Math.max(1, options.min ?? 1) });
        const { weight, maxBatch: max_batch } = options;
        const body = { ...model, ...(weight === undefined ? {} : { weight }), max_batch, scaling };
        const binding = await ok(cli.api().POST("/api/v1/endpoints/{name}/bindings", { params, body }));
        const bound = options.wait ? await untilReady(cli, name, binding) : binding;
        show(cli, options, bound, (one) => said(name, one));
      },
    );
}

/** Who bound a version beside others learns how calls come to it. */
function said(name: string, { model, state, version, weight }: Binding): string {
  const line = `${name} → ${model} is ${state}.`;
  if (weight > 0) return line;
  return `${line}\nVersion ${version} has no traffic yet: podium endpoint traffic ${name} ${version}=100, or podium endpoint canary ${name} ${version}`;
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
