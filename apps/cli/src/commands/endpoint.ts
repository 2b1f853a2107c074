import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import type { Endpoint } from "../types.ts";
import { endpointBindCommand } from "./endpoint-bind.ts";
import { describeSettings, endpointEditCommand } from "./endpoint-edit.ts";
import { endpointKeyCommand } from "./endpoint-key.ts";

export function endpointCommand(cli: Cli): Command {
  return group("endpoint", "serve models over REST", [
    create(cli),
    endpointBindCommand(cli),
    endpointEditCommand(cli),
    endpointKeyCommand(cli),
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

function describe({ name, team, urls, settings, bindings }: Endpoint): string {
  const models = table(
    bindings,
    [
      { title: "MODEL", value: (row) => row.model },
      { title: "VERSION", value: (row) => row.version, right: true },
      { title: "WEIGHT", value: (row) => row.weight, right: true },
      { title: "STATE", value: (row) => (row.failure === null ? row.state : `${row.state}: ${row.failure}`) },
    ],
    `No model is bound yet: podium endpoint bind ${name} SESSION CHECKPOINT`,
  );
  return `${name} of ${team}: ${urls.join(", ") || "no gateway is up"}\n${describeSettings(settings)}\n${models}`;
}
