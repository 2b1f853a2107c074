import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { parseCount } from "../quantities.ts";

export function endpointUnbindCommand(cli: Cli): Command {
  return leaf(
    "unbind",
    "take a version off an endpoint",
    "It ends the calls that it has; calls that wait for it go to the other versions. Then its session is stopped.",
  )
    .argument("<name>")
    .argument("<version>", "as podium endpoint show lists it", parseCount)
    .action(async (name: string, version: number, options: JsonOption) => {
      const endpoint = await ok(cli.api().GET("/api/v1/endpoints/{name}", { params: { path: { name } } }));
      const binding = endpoint.bindings.find((each) => each.version === version);
      if (!binding)
        throw new CliError(`${name} has no version ${version}. podium endpoint show ${name} lists them.`);
      const params = { path: { name, id: binding.id } };
      await ok(cli.api().DELETE("/api/v1/endpoints/{name}/bindings/{id}", { params }));
      show(
        cli,
        options,
        binding,
        ({ model }) => `${model} was taken off ${name}; it ends the calls that it has.`,
      );
    });
}
