import { type Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { describeRollout } from "../describe-rollout.ts";
import { CliError } from "../errors.ts";
import { parseCount, parseDuration, parseNumber } from "../quantities.ts";

interface Options extends JsonOption {
  steps: number[];
  every: number;
  maxErrorRate: number;
  maxP99Ratio?: number;
  minCalls: number;
  shadowFirst: number;
  minAgreement: number;
  pause?: boolean;
  resume?: boolean;
  abort?: boolean;
  promote?: boolean;
}

export function endpointCanaryCommand(cli: Cli): Command {
  return leaf(
    "canary",
    "give a version its traffic step by step, as long as it keeps the rules; without a version: show how it stands",
    "A step takes its time and its calls. What breaks a rule takes the traffic back to what it was, and the team is told.",
  )
    .argument("<name>")
    .argument("[version]", "one that is ready", parseCount)
    .option("--steps <percents>", "growing, and ending with 100", parseSteps, [5, 25, 50, 100])
    .option("--every <duration>", "least time of a step", parseDuration, 600_000)
    .option("--max-error-rate <share>", "of its calls that may fail", parseNumber, 0.01)
    .option("--max-p99-ratio <number>", "p99 of its latency against the versions before", parseNumber)
    .option("--min-calls <number>", "calls that a step is judged by", parseCount, 100)
    .option("--shadow-first <calls>", "compare so many answers before the first step", parseCount, 0)
    .option("--min-agreement <share>", "of the compared answers", parseNumber, 0.99)
    .option("--pause", "hold the one that is under way")
    .option("--resume", "let it go on")
    .option("--abort", "end it, and take the traffic back")
    .option("--promote", "give it all of the traffic now")
    .action(async (name: string, version: number | undefined, options: Options) => {
      const rollout = await act(cli, name, version, options);
      show(cli, options, rollout, (value) => describeRollout(name, value));
    });
}

async function act(cli: Cli, name: string, version: number | undefined, options: Options) {
  const params = { path: { name } };
  const wishes = (["pause", "resume", "abort", "promote"] as const).filter((wish) => options[wish]);
  const [wish] = wishes;
  if (wishes.length > 1 || (wish && version !== undefined))
    throw new CliError("Say one thing: a version to begin with, or --pause, --resume, --abort or --promote.");
  const api = cli.api();
  if (wish === "pause") return ok(api.POST("/api/v1/endpoints/{name}/rollouts/pause", { params }));
  if (wish === "resume") return ok(api.POST("/api/v1/endpoints/{name}/rollouts/resume", { params }));
  if (wish === "abort") return ok(api.POST("/api/v1/endpoints/{name}/rollouts/abort", { params }));
  if (wish === "promote") return ok(api.POST("/api/v1/endpoints/{name}/rollouts/promote", { params }));
  if (version !== undefined)
    return ok(api.POST("/api/v1/endpoints/{name}/rollouts", { params, body: planOf(version, options) }));
  const query = { limit: 1 };
  const { items } = await ok(api.GET("/api/v1/endpoints/{name}/rollouts", { params: { ...params, query } }));
  const [newest] = items;
  if (!newest)
    throw new CliError(`${name} had no canary yet. Begin one: podium endpoint canary ${name} VERSION`);
  return newest;
}

const planOf = (version: number, options: Options) => ({
  version,
  steps: options.steps,
  every_ms: options.every,
  max_error_rate: options.maxErrorRate,
  max_p99_ratio: options.maxP99Ratio ?? null,
  min_calls: options.minCalls,
  shadow_calls: options.shadowFirst,
  min_agreement: options.minAgreement,
});

function parseSteps(text: string): number[] {
  const steps = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (steps.some((step) => !Number.isFinite(step))) throw new InvalidArgumentError("Say it as 5,25,50,100.");
  return steps;
}
