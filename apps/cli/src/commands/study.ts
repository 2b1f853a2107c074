import { dirname, resolve } from "node:path";
import { createSessionSchema, createStudySchema } from "@podium/shared";
import type { Command } from "commander";
import { z } from "zod";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { table } from "../output.ts";
import { push } from "../push.ts";
import { formatNumber } from "../quantities.ts";
import { asBody, type Study } from "../types.ts";
import { describeFindings, readYaml } from "../yaml-file.ts";

/** What `podium study run` reads: a study whose code is a folder beside the file. */
const studyFileSchema = createStudySchema.omit({ session: true }).extend({
  code: z.string().min(1).describe("Folder to push, relative to this file"),
  session: createSessionSchema.omit({ code_tree: true }),
});

export function studyCommand(cli: Cli): Command {
  return group("study", "search for good hyperparameters", [run(cli), showOne(cli)]);
}

function run(cli: Cli): Command {
  return leaf(
    "run",
    "start a study from a YAML file",
    "The file holds `code` (a folder), `session` (datasets, entrypoint, args, resources …), `space` (such as --lr: {log_uniform: [0.0001, 0.1]}), `objective` ({metric, direction}), `trials`, `parallel` and `seed`.",
  )
    .argument("<file>")
    .action(async (file: string, options: JsonOption) => {
      const { value, findings } = readYaml(file, studyFileSchema);
      if (value === null)
        throw new CliError(`${file} is not a study; nothing was sent.\n${describeFindings(file, findings)}`);
      const { code, session, ...study } = value;
      const pushed = await push(cli, resolve(dirname(file), code), session.team);
      const body = asBody<"/api/v1/studies">({
        ...study,
        session: { ...session, code_tree: pushed.tree_id },
      });
      show(cli, options, await ok(cli.api().POST("/api/v1/studies", { body })), describe);
    });
}

function showOne(cli: Cli): Command {
  return leaf("show", "show a study and its trials")
    .argument("<id>", "sty_…")
    .action(async (id: string, options: JsonOption) => {
      const study = await ok(cli.api().GET("/api/v1/studies/{id}", { params: { path: { id } } }));
      show(cli, options, study, describe);
    });
}

function describe({ id, state, objective, best, trials }: Study): string {
  const list = table(
    trials,
    [
      { title: "TRIAL", value: (row) => row.number, right: true },
      { title: "STATE", value: (row) => row.state },
      {
        title: objective.metric,
        value: (row) => (row.value === null ? "–" : formatNumber(row.value)),
        right: true,
      },
      { title: "ARGS", value: (row) => row.args.join(" ") },
      { title: "SESSION", value: (row) => row.session_id },
    ],
    "No trial has started yet.",
  );
  const top =
    best === null
      ? ""
      : `\nBest: trial ${best.number} with ${objective.metric} = ${formatNumber(best.value)}`;
  return `${id}: ${state}, to ${objective.direction} ${objective.metric}${top}\n${list}`;
}
