import type { paths } from "@podium/shared/generated/api";
import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { table } from "../output.ts";
import { formatTime, parseCount, parseDuration, parseNumber } from "../quantities.ts";
import type { EndpointKey } from "../types.ts";

const SCOPES = ["infer", "metadata", "jobs"] as const;

interface Target extends JsonOption {
  team?: string;
}

interface NewKey extends Target {
  name: string;
  scope?: (typeof SCOPES)[number][];
  version?: number[];
  expires?: number;
  rate?: number;
  burst?: number;
  perDay?: number;
  perMonth?: number;
}

type NewKeyBody = NonNullable<
  paths["/api/v1/endpoints/{name}/keys"]["post"]["requestBody"]
>["content"]["application/json"];

export function endpointKeyCommand(cli: Cli): Command {
  const commands = [ls(cli), rotate(cli), rm(cli)];
  const parent = group("key", "keys to call endpoints with", commands);
  return parent.addCommand(create(cli), { isDefault: true });
}

const DAY_MS = 86_400_000;
/** Every command is about one endpoint's keys, or with --team about those of all of a team's endpoints. */
const ofTeam = (command: Command) =>
  command.option("--team <team>", "keys for all endpoints of this team, instead of one endpoint's");

function create(cli: Cli): Command {
  return ofTeam(leaf("create", "make a key (what `podium endpoint key NAME` does)", "It is shown once."))
    .argument("[endpoint]")
    .option("--name <name>", "what the key is for", "podium")
    .addOption(new Option("--scope <scope...>", "what it opens (default: everything)").choices([...SCOPES]))
    .option("--version <number>", "only this model version; may be repeated", collect)
    .option("--expires <duration>", "valid for so long, in whole days, such as 30d", parseDuration)
    .option("--rate <number>", "calls a second", parseNumber)
    .option("--burst <number>", "calls at once (default: a second's)", parseCount)
    .option("--per-day <number>", "calls a day (UTC)", parseCount)
    .option("--per-month <number>", "calls a month (UTC)", parseCount)
    .action(async (endpoint: string | undefined, options: NewKey) => {
      const made = await post(cli, endpoint, options, bodyOf(options));
      show(cli, options, made, ({ key }) => key);
    });
}

const collect = (text: string, before: number[] = []) => [...before, parseCount(text)];

function bodyOf(options: NewKey): NewKeyBody {
  if (options.burst !== undefined && options.rate === undefined)
    throw new CliError("--burst goes with --rate: say how many calls a second, too.", EXIT.usage);
  if (options.expires !== undefined && options.expires % DAY_MS !== 0)
    throw new CliError("--expires counts whole days: say it as 30d.", EXIT.usage);
  const body: NewKeyBody = { name: options.name };
  if (options.scope) body.scopes = options.scope;
  if (options.version) body.versions = options.version;
  if (options.expires !== undefined) body.expires_in_days = options.expires / DAY_MS;
  if (options.rate !== undefined) body.rate = rateOf(options.rate, options.burst);
  if (options.perDay !== undefined) body.calls_per_day = options.perDay;
  if (options.perMonth !== undefined) body.calls_per_month = options.perMonth;
  return body;
}

/** @param burst undefined: what a second lets pass, at least one */
export function rateOf(perSecond: number, burst: number | undefined) {
  return { per_second: perSecond, burst: burst ?? Math.max(1, Math.ceil(perSecond)) };
}

function post(cli: Cli, endpoint: string | undefined, options: Target, body: NewKeyBody) {
  const params = { path: { name: ownerOf(endpoint, options) } };
  return options.team === undefined
    ? ok(cli.api().POST("/api/v1/endpoints/{name}/keys", { params, body }))
    : ok(cli.api().POST("/api/v1/teams/{name}/endpoint-keys", { params, body }));
}

/** The endpoint, or the team: one of them must be said. */
function ownerOf(endpoint: string | undefined, { team }: Target): string {
  const owner = team ?? endpoint;
  if (owner === undefined || (team !== undefined && endpoint !== undefined))
    throw new CliError("Say an endpoint, or --team TEAM for all endpoints of a team.", EXIT.usage);
  return owner;
}

function ls(cli: Cli): Command {
  return ofTeam(leaf("ls", "list keys, their limits and when they were last used"))
    .argument("[endpoint]")
    .action(async (endpoint: string | undefined, options: Target) => {
      const params = { path: { name: ownerOf(endpoint, options) } };
      const { items } =
        options.team === undefined
          ? await ok(cli.api().GET("/api/v1/endpoints/{name}/keys", { params }))
          : await ok(cli.api().GET("/api/v1/teams/{name}/endpoint-keys", { params }));
      show(cli, options, items, (rows) => table(rows, COLUMNS, "There are no keys yet."));
    });
}

const COLUMNS = [
  { title: "ID", value: (row: EndpointKey) => row.id },
  { title: "NAME", value: (row: EndpointKey) => row.name },
  {
    title: "OPENS",
    value: (row: EndpointKey) =>
      row.scopes.join(",") + (row.versions ? ` of version ${row.versions.join(",")}` : ""),
  },
  { title: "LIMITS", value: (row: EndpointKey) => limitsOf(row) },
  { title: "TODAY", value: (row: EndpointKey) => row.calls_today, right: true },
  { title: "LAST USED", value: (row: EndpointKey) => formatTime(row.last_used_at) },
  { title: "EXPIRES", value: (row: EndpointKey) => formatTime(row.expires_at) },
  { title: "OLD SECRET UNTIL", value: (row: EndpointKey) => formatTime(row.old_secret_until) },
];

function limitsOf({ rate, calls_per_day, calls_per_month }: EndpointKey): string {
  const limits = [
    rate ? `${rate.per_second}/s` : null,
    calls_per_day === null ? null : `${calls_per_day}/day`,
    calls_per_month === null ? null : `${calls_per_month}/month`,
  ];
  return limits.filter((limit) => limit !== null).join(", ") || "–";
}

function rotate(cli: Cli): Command {
  return ofTeam(
    leaf("rotate", "give a key a new secret", "It is shown once. Everything else of the key stays."),
  )
    .argument("[endpoint]")
    .argument("[key]", "its id")
    .option("--overlap <duration>", "how long the old secret stays valid", parseDuration, 0)
    .action(
      async (
        first: string | undefined,
        second: string | undefined,
        options: Target & { overlap: number },
      ) => {
        const [endpoint, id] = targetOf(first, second, options);
        const params = { path: { name: ownerOf(endpoint, options), id } };
        const body = { overlap_seconds: Math.round(options.overlap / 1000) };
        const made =
          options.team === undefined
            ? await ok(cli.api().POST("/api/v1/endpoints/{name}/keys/{id}/rotate", { params, body }))
            : await ok(cli.api().POST("/api/v1/teams/{name}/endpoint-keys/{id}/rotate", { params, body }));
        show(cli, options, made, ({ key }) => key);
      },
    );
}

function rm(cli: Cli): Command {
  return ofTeam(leaf("rm", "revoke a key"))
    .argument("[endpoint]")
    .argument("[key]", "its id")
    .action(async (first: string | undefined, second: string | undefined, options: Target) => {
      const [endpoint, id] = targetOf(first, second, options);
      const params = { path: { name: ownerOf(endpoint, options), id } };
      if (options.team === undefined)
        await ok(cli.api().DELETE("/api/v1/endpoints/{name}/keys/{id}", { params }));
      else await ok(cli.api().DELETE("/api/v1/teams/{name}/endpoint-keys/{id}", { params }));
      show(cli, options, { id, revoked: true }, () => `${id} is revoked.`);
    });
}

/** ENDPOINT KEY, or KEY alone with --team. */
function targetOf(first: string | undefined, second: string | undefined, { team }: Target) {
  const [endpoint, id] = team === undefined ? [first, second] : [undefined, first];
  if (id === undefined) throw new CliError("Say the key's id: podium endpoint key ls", EXIT.usage);
  return [endpoint, id] as const;
}
