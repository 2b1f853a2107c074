import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { findSubmission } from "../find-submission.ts";

interface Options {
  round?: string;
  team?: string;
  undo?: boolean;
  json?: boolean;
}

const whose = (command: Command) =>
  command
    .option("--round <round>", "the round of the number (default: the last one that has opened)")
    .option("--team <team>", "whose submission, where several of your teams take part");

/** Chooses which submissions count in the end, in a contest that lets its entrants choose. */
export function selectCommand(cli: Cli): Command {
  return whose(
    leaf(
      "select",
      "choose a submission to count on the final board",
      "In a contest whose final board counts what entrants have chosen, until the round closes.",
    )
      .argument("<name>")
      .argument("<submission>", "its number in the round, or its id")
      .option("--undo", "let go of it"),
  ).action(async (name: string, reference: string, options: Options) => {
    const { id, number } = await findSubmission(cli, name, reference, options);
    const params = { path: { id } };
    const call = options.undo
      ? cli.api().DELETE("/api/v1/submissions/{id}/selected", { params })
      : cli.api().PUT("/api/v1/submissions/{id}/selected", { params });
    show(cli, options, await ok(call), ({ selected }) =>
      selected ? `${number} counts on the final board.` : `${number} is not chosen any more.`,
    );
  });
}

/** A note on a submission. */
export function memoCommand(cli: Cli): Command {
  return whose(
    leaf("memo", "write a note to a submission of yours; an empty one takes it away")
      .argument("<name>")
      .argument("<submission>", "its number in the round, or its id")
      .argument("<text>"),
  ).action(async (name: string, reference: string, memo: string, options: Options) => {
    const { id, number } = await findSubmission(cli, name, reference, options);
    const changed = await ok(
      cli.api().PUT("/api/v1/submissions/{id}/memo", { params: { path: { id } }, body: { memo } }),
    );
    show(cli, options, changed, () => `${number}: ${memo === "" ? "no note any more" : "noted"}.`);
  });
}
