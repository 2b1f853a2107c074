import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { formatBytes, parseBytes, parseCount, parseDuration, parseNumber } from "../quantities.ts";
import type { Endpoint } from "../types.ts";
import { rateOf } from "./endpoint-key.ts";

type Settings = Endpoint["settings"];

interface Options extends JsonOption {
  public?: boolean;
  timeout?: number;
  maxQueue?: number;
  maxBody?: number;
  origin?: string[];
  origins?: boolean;
  rate?: number | false;
  burst?: number;
  addressRate?: number | false;
  addressBurst?: number;
}

export function endpointEditCommand(cli: Cli): Command {
  return leaf(
    "edit",
    "change how an endpoint may be called",
    "What is left out stays as it is. Gateways follow within a second.",
  )
    .argument("<name>")
    .option("--public", "callable without a key")
    .option("--no-public", "callable with a key only")
    .option("--timeout <duration>", "how long an answer may take", parseDuration)
    .option("--max-queue <number>", "calls that may wait", parseCount)
    .option("--max-body <size>", "the largest request, such as 8MiB", parseBytes)
    .option("--origin <origin...>", "origins whose pages may call it from a browser; * is all")
    .option("--no-origins", "no page may call it from a browser")
    .option("--rate <number>", "calls a second of all callers together", parseNumber)
    .option("--burst <number>", "calls at once (default: a second's)", parseCount)
    .option("--no-rate", "no limit for all together")
    .option("--address-rate <number>", "calls a second of each address without a key", parseNumber)
    .option("--address-burst <number>", "calls at once of each (default: a second's)", parseCount)
    .option("--no-address-rate", "no limit for an address")
    .action(async (name: string, options: Options) => {
      const params = { path: { name } };
      const settings = await ok(
        cli.api().PATCH("/api/v1/endpoints/{name}", { params, body: bodyOf(options) }),
      );
      show(cli, options, settings, describeSettings);
    });
}

function bodyOf(options: Options) {
  const body = {
    public: options.public,
    timeout_ms: options.timeout,
    max_queue: options.maxQueue,
    max_body_bytes: options.maxBody,
    cors_origins: options.origins === false ? [] : options.origin,
    rate: limitOf(options.rate, options.burst, "--burst goes with --rate"),
    address_rate: limitOf(
      options.addressRate,
      options.addressBurst,
      "--address-burst goes with --address-rate",
    ),
  };
  const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  if (Object.keys(said).length === 0)
    throw new CliError("Say what is to change: podium endpoint edit --help", EXIT.usage);
  return said as Partial<Settings>;
}

function limitOf(rate: number | boolean | undefined, burst: number | undefined, wrong: string) {
  if (typeof rate === "number") return rateOf(rate, burst);
  if (burst !== undefined) throw new CliError(`${wrong}: say how many calls a second, too.`, EXIT.usage);
  return rate === false ? null : undefined;
}

/** One line of what an endpoint lets in. */
export function describeSettings(settings: Settings): string {
  const { rate, address_rate, cors_origins } = settings;
  const parts = [
    settings.public ? "callable by everyone" : "callable with a key",
    `answers within ${settings.timeout_ms / 1000} s`,
    `bodies up to ${formatBytes(settings.max_body_bytes)}`,
    `${settings.max_queue} may wait`,
    rate ? `${rate.per_second} calls a second in all` : null,
    address_rate ? `${address_rate.per_second} a second of an address` : null,
    cors_origins.length > 0 ? `pages of ${cors_origins.join(", ")}` : null,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}
