import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { describeEndpoint, describeFigures } from "../describe-endpoint.ts";
import { table } from "../output.ts";
import { endpointBatchesCommand } from "./endpoint-batches.ts";
import { endpointBindCommand } from "./endpoint-bind.ts";
import { endpointCanaryCommand } from "./endpoint-canary.ts";
import { endpointEditCommand } from "./endpoint-edit.ts";
import { endpointHistoryCommand } from "./endpoint-history.ts";
import { endpointKeyCommand } from "./endpoint-key.ts";
import { endpointRollbackCommand } from "./endpoint-rollback.ts";
import { endpointScaleCommand } from "./endpoint-scale.ts";
import { endpointShadowCommand } from "./endpoint-shadow.ts";
import { endpointTrafficCommand } from "./endpoint-traffic.ts";
import { endpointUnbindCommand } from "./endpoint-unbind.ts";

export function endpointCommand(cli: Cli): Command {
  return group("endpoint", "serve models over REST", [
    create(cli),
    endpointBindCommand(cli),
    endpointTrafficCommand(cli),
    endpointCanaryCommand(cli),
    endpointShadowCommand(cli),
    endpointRollbackCommand(cli),
    endpointHistoryCommand(cli),
    endpointBatchesCommand(cli),
    endpointUnbindCommand(cli),
    endpointEditCommand(cli),
    endpointKeyCommand(cli),
    endpointScaleCommand(cli),
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
      show(cli, options, endpoint, describeEndpoint);
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
      const path = { name };
      const figures = await ok(cli.api().GET("/api/v1/endpoints/{name}/versions", { params: { path } }));
      show(cli, options, { ...endpoint, figures: figures.items }, (value) =>
        [describeEndpoint(value), describeFigures(value.figures)].filter((part) => part !== "").join("\n\n"),
      );
    });
}
