import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { formatCredits, parseCredits } from "../quantities.ts";

interface Options {
  gpuMinute?: number;
  gpuModel: Record<string, number>;
  cpuMinute?: number;
  thousandCalls?: number;
  gibMonth?: number;
  json?: boolean;
}

/** Collects `MODEL=CREDITS`. */
function modelPrice(text: string, previous: Record<string, number>): Record<string, number> {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new InvalidArgumentError("Say it as MODEL=CREDITS.");
  return { ...previous, [text.slice(0, at)]: parseCredits(text.slice(at + 1)) };
}

export function adminPricesCommand(cli: Cli): Command {
  return leaf(
    "prices",
    "show the prices, or change those that are given",
    "Running work keeps the prices it started with.",
  )
    .option("--gpu-minute <credits>", "one GPU for one minute", parseCredits)
    .option("--gpu-model <model=credits>", "the same for one model of GPU (repeatable)", modelPrice, {})
    .option("--cpu-minute <credits>", "one CPU for one minute", parseCredits)
    .option("--thousand-calls <credits>", "1,000 inference calls", parseCredits)
    .option("--gib-month <credits>", "one GiB stored for a month", parseCredits)
    .action(async (options: Options) => {
      const present = await ok(cli.api().GET("/api/v1/credits/prices"));
      const wanted = changed(present, options);
      const prices =
        JSON.stringify(wanted) === JSON.stringify(present)
          ? present
          : await ok(cli.api().PUT("/api/v1/credits/prices", { body: wanted }));
      show(cli, options, prices, describe);
    });
}

interface Prices {
  gpu_minute: number;
  gpu_minute_by_model: Record<string, number>;
  cpu_minute: number;
  thousand_calls: number;
  gib_month: number;
}

function changed(present: Prices, options: Options): Prices {
  return {
    gpu_minute: options.gpuMinute ?? present.gpu_minute,
    gpu_minute_by_model: { ...present.gpu_minute_by_model, ...options.gpuModel },
    cpu_minute: options.cpuMinute ?? present.cpu_minute,
    thousand_calls: options.thousandCalls ?? present.thousand_calls,
    gib_month: options.gibMonth ?? present.gib_month,
  };
}

function describe(prices: Prices): string {
  const models = Object.entries(prices.gpu_minute_by_model).map(
    ([model, price]) => `  ${model}: ${formatCredits(price)}`,
  );
  return [
    `GPU, a minute: ${formatCredits(prices.gpu_minute)}`,
    ...models,
    `CPU, a minute: ${formatCredits(prices.cpu_minute)}`,
    `1,000 inference calls: ${formatCredits(prices.thousand_calls)}`,
    `GiB stored, a month: ${formatCredits(prices.gib_month)}`,
  ].join("\n");
}
