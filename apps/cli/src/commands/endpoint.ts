import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import type { Binding, Endpoint } from "../types.ts";
import { endpointBindCommand } from "./endpoint-bind.ts";
import { endpointScaleCommand } from "./endpoint-scale.ts";

export function endpointCommand(cli: Cli): Command {
  return group("endpoint", "serve models over REST", [
    create(cli),
    endpointBindCommand(cli),
    endpointScaleCommand(cli),
    key(cli),
    ls(cli),
    showOne(cli),
  ]);
}

function create(cli: Cli): Command {
  return leaf("create", "create an endpoint")
    .argument("<name>")
    .option("--public", "callable without a key")
    .option("--team <team>", "the team that owns and pays it (default: your personal team)")
    .action(async (name: string, options: { public?: boolean; team?: string; json?: boolean }) => {
      const team = options.team === undefined ? {} : { team: options.team };
      const endpoint = await ok(
        cli.api().POST("/api/v1/endpoints", { body: { ...team, name, public: options.public ?? false } }),
      );
      show(cli, options, endpoint, describe);
    });
}

function key(cli: Cli): Command {
  return leaf("key", "make a key to call an endpoint with", "It is shown once.")
    .argument("<name>", "the endpoint")
    .option("--name <name>", "what the key is for", "podium")
    .action(async (name: string, options: { name: string; json?: boolean }) => {
      const params = { path: { name } };
      const made = await ok(
        cli.api().POST("/api/v1/endpoints/{name}/keys", { params, body: { name: options.name } }),
      );
      show(cli, options, made, (value) => value.key);
    });
}

function ls(cli: Cli): Command {
  return leaf("ls", "list the endpoints").action(async (options: JsonOption) => {
    const all = await allPages((query) => ok(cli.api().GET("/api/v1/endpoints", { params: { query } })));
    show(cli, options, all, (rows) =>
      table(
        rows,
        [
          { title: "NAME", value: (row) => row.name },
          { title: "TEAM", value: (row) => row.team },
          { title: "CALLABLE", value: (row) => (row.public ? "by everyone" : "with a key") },
          {
            title: "MODELS",
            value: (row) =>
              row.bindings.map((binding) => `${binding.model} (${binding.state})`).join(", ") || "–",
          },
        ],
        "There are no endpoints yet. Create one: podium endpoint create NAME",
      ),
    );
  });
}

function showOne(cli: Cli): Command {
  return leaf("show", "show an endpoint, its addresses and its models")
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const endpoint = await ok(cli.api().GET("/api/v1/endpoints/{name}", { params: { path: { name } } }));
      show(cli, options, endpoint, describe);
    });
}

function describe({ name, team, urls, bindings }: Endpoint): string {
  const models = table(
    bindings,
    [
      { title: "MODEL", value: (row) => row.model },
      { title: "VERSION", value: (row) => row.version, right: true },
      { title: "WEIGHT", value: (row) => row.weight, right: true },
      { title: "REPLICAS", value: ({ scaling, replicas }) => replicaCounts(scaling, replicas) },
      { title: "STATE", value: (row) => (row.failure === null ? row.state : `${row.state}: ${row.failure}`) },
    ],
    `No model is bound yet: podium endpoint bind ${name} SESSION CHECKPOINT`,
  );
  const running = bindings.flatMap(({ version, replicas }) =>
    replicas.map((replica) => ({ version, ...replica })),
  );
  const troubles = bindings.flatMap(({ version, scaling: { trouble } }) =>
    trouble === null ? [] : [`version ${version}: ${trouble}`],
  );
  const replicas = table(
    running,
    [
      { title: "VERSION", value: (row) => row.version, right: true },
      { title: "REPLICA", value: (row) => row.session_id },
      { title: "NODE", value: (row) => row.node ?? "–" },
      { title: "STATE", value: (row) => row.state },
      { title: "SINCE", value: (row) => row.since },
      { title: "IN FLIGHT", value: (row) => row.in_flight, right: true },
      { title: "RESTARTS", value: (row) => row.restarts, right: true },
    ],
    "No replica is up.",
  );
  const head = `${name} of ${team}: ${urls.join(", ") || "no gateway is up"}`;
  if (bindings.length === 0) return `${head}\n${models}`;
  return [head, models, "", replicas, ...troubles].join("\n");
}

/** `2 of 3 (1–4)`: ready, wanted, and between what and what. */
function replicaCounts(
  { wanted, min_replicas, max_replicas }: Binding["scaling"],
  replicas: Binding["replicas"],
) {
  const ready = replicas.filter(({ state }) => state === "ready").length;
  return `${ready} of ${wanted} (${min_replicas}–${max_replicas})`;
}
