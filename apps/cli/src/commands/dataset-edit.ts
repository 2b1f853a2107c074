import { type Visibility, visibilitySchema } from "@podium/shared";
import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { readableDataset, refuseVersion } from "../dataset-ref.ts";
import { CliError, EXIT } from "../errors.ts";
import { printable } from "../output.ts";

interface Options {
  description?: string;
  /** false: --no-tags */
  tags: boolean;
  tag: string[];
  visibility?: Visibility;
  json?: boolean;
}

export function editDataset(cli: Cli): Command {
  return leaf("edit", "change a dataset's description, tags or visibility")
    .argument("<name>", "NAME or team/NAME")
    .option("--description <text>", "what is in it")
    .option("--tag <tag>", "its tags from now on (repeatable)", (tag, all: string[]) => [...all, tag], [])
    .option("--no-tags", "take all tags off")
    .addOption(new Option("--visibility <who>", "who may use it").choices(visibilitySchema.options))
    .action(async (reference: string, options: Options) => {
      const changes = changesOf(options);
      const found = await readableDataset(cli, reference);
      refuseVersion(found, reference);
      const params = { path: { team: found.team, name: found.name } };
      const edited = await ok(cli.api().PATCH("/api/v1/datasets/{team}/{name}", { params, body: changes }));
      if (changes.visibility !== undefined && changes.visibility !== "public")
        cli.out.note(
          "Sessions that mount it go on. New ones of people who can't see it any longer are refused.",
        );
      show(cli, options, edited, ({ team, name, visibility, tags }) =>
        printable(
          `${team}/${name} is changed. Visible to: ${visibility}. Tags: ${tags.join(", ") || "none"}.`,
        ),
      );
    });
}

function changesOf({ description, tags, tag, visibility }: Options) {
  if (!tags && tag.length > 0) throw new CliError("Give --tag or --no-tags, not both.", EXIT.usage);
  const changes = {
    ...(description === undefined ? {} : { description }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(tag.length > 0 || !tags ? { tags: tag } : {}),
  };
  if (Object.keys(changes).length === 0)
    throw new CliError("Say what to change: --description, --tag, --no-tags or --visibility.", EXIT.usage);
  return changes;
}
