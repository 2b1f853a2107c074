import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";

export function nodeCommand(cli: Cli): Command {
  return group("node", "what administrators do with a node", [drain(cli), resume(cli)]);
}

function drain(cli: Cli): Command {
  return leaf("drain", "let a node finish what it runs, and take nothing new")
    .argument("<name>", "as podium nodes lists it")
    .action(async (name: string, options: JsonOption) => {
      const node = await ok(cli.api().POST("/api/v1/nodes/{name}/drain", { params: { path: { name } } }));
      show(cli, options, node, ({ state }) =>
        state === "lost"
          ? `${name} is away; it takes nothing new when it comes back.`
          : `${name} finishes what it runs and takes nothing new. podium node resume ${name} ends that.`,
      );
    });
}

function resume(cli: Cli): Command {
  return leaf("resume", "let a node take sessions again")
    .argument("<name>", "as podium nodes lists it")
    .action(async (name: string, options: JsonOption) => {
      const node = await ok(cli.api().POST("/api/v1/nodes/{name}/resume", { params: { path: { name } } }));
      show(cli, options, node, ({ state }) =>
        state === "lost"
          ? `${name} is away; it takes sessions when it comes back.`
          : `${name} takes sessions again.`,
      );
    });
}
