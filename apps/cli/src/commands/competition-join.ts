import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { enteredTeam } from "../entered-team.ts";
import { CliError, EXIT } from "../errors.ts";
import { printable } from "../output.ts";
import { ask } from "../prompt.ts";

interface JoinOptions extends JsonOption {
  team?: string;
  acceptTerms?: string;
}

export function termsCommand(cli: Cli): Command {
  return leaf("terms", "show what an entrant agrees to")
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const { terms } = await termsOf(cli, name);
      show(cli, options, terms, (found) =>
        found ? `${printable(found.content)}\n\nSHA-256 ${found.sha256}` : `${name} has no terms.`,
      );
    });
}

export function joinCommand(cli: Cli): Command {
  return leaf(
    "join",
    "take part in a competition, or agree to its terms again",
    "Shows the terms, where there are any, and asks. In a script, say --accept-terms with their SHA-256 (podium competition terms prints it), or yes for whatever they are.",
  )
    .argument("<name>")
    .option(
      "--team <team>",
      "the team that takes part (default: the one that does already, else your personal team)",
    )
    .option("--accept-terms <hash>", "agree to the terms of this SHA-256, or `yes`")
    .action(async (name: string, options: JoinOptions) => {
      const terms = await agreedTerms(cli, name, options.acceptTerms);
      const body = {
        team: options.team ?? (await enteredTeam(cli, name)),
        ...(terms === null ? {} : { terms }),
      };
      const entrant = await ok(
        cli.api().POST("/api/v1/competitions/{name}/entrants", { params: { path: { name } }, body }),
      );
      show(
        cli,
        options,
        entrant,
        ({ team }) => `${team} takes part in ${name}. Its data: podium competition show ${name}`,
      );
    });
}

const termsOf = (cli: Cli, name: string) =>
  ok(cli.api().GET("/api/v1/competitions/{name}/terms", { params: { path: { name } } }));

/** The hash of what is agreed to; null where there is nothing to agree to. */
async function agreedTerms(cli: Cli, name: string, given: string | undefined): Promise<string | null> {
  if (given !== undefined && given !== "yes") return given.toLowerCase();
  const { terms } = await termsOf(cli, name);
  if (terms === null || given === "yes") return terms?.sha256 ?? null;
  cli.out.note(`Terms of ${name}:\n\n${printable(terms.content)}\n\nSHA-256 ${terms.sha256}\n`);
  const answer = await ask(
    "Do you agree to these terms? [y/N]",
    `--accept-terms ${terms.sha256} (or --accept-terms yes)`,
  );
  if (!/^y(es)?$/i.test(answer)) throw new CliError("You have not joined.", EXIT.stopped);
  return terms.sha256;
}
