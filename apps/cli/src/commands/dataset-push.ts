import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok, okOrNull } from "../client.ts";
import { leaf, show } from "../command.ts";
import { ownDataset, refuseVersion } from "../dataset-ref.ts";
import { CliError } from "../errors.ts";
import { push } from "../push.ts";
import { counted, formatBytes } from "../quantities.ts";
import type { Dataset } from "../types.ts";

export interface DatasetOptions {
  private?: boolean;
  public?: boolean;
  description?: string;
  tag: string[];
  note: string;
  json?: boolean;
}

export function pushDataset(cli: Cli): Command {
  return leaf(
    "push",
    "push a folder as a dataset, or as a new version of one",
    "What .podiumignore (gitignore's syntax) names stays here.",
  )
    .argument("<name>", "NAME or team/NAME")
    .argument("<path>", "folder or file")
    .option("--private", "only you may use it (default for a new one: your team)")
    .option("--public", "everyone on the hub may use it")
    .option("--description <text>", "what is in it, for a new one")
    .option("--tag <tag>", "a tag, for a new one (repeatable)", (tag, all: string[]) => [...all, tag], [])
    .option("-m, --note <text>", "what is new in this version", "")
    .action(async (reference: string, path: string, options: DatasetOptions) => {
      if (options.private && options.public) throw new CliError("Give --private or --public, not both.");
      const wanted = await ownDataset(cli, reference);
      refuseVersion(wanted, reference);
      const { team, name } = wanted;
      const pushed = await push(cli, path, team);
      const dataset = await ensureDataset(cli, team, name, options);
      const params = { path: { team: dataset.team, name } };
      const body = { tree_id: pushed.tree_id, note: options.note };
      const version = await ok(cli.api().POST("/api/v1/datasets/{team}/{name}/versions", { params, body }));
      show(
        cli,
        options,
        version,
        ({ number }) =>
          `${dataset.team}/${name}@${number}: ${counted(pushed.files, "file")}, ${formatBytes(pushed.size_bytes)} (${formatBytes(pushed.sent_bytes)} sent).`,
      );
    });
}

/** The dataset of this name, made when there is none. */
export async function ensureDataset(
  cli: Cli,
  team: string,
  name: string,
  options: DatasetOptions,
): Promise<Dataset> {
  const api = cli.api();
  const { description, tag: tags } = options;
  const found = await okOrNull(
    api.GET("/api/v1/datasets/{team}/{name}", { params: { path: { team, name } } }),
  );
  if (found) {
    if (description !== undefined || tags.length > 0 || options.private || options.public)
      cli.out.note(
        `${team}/${name} is there already: its description, tags and visibility stay. Change them with: podium dataset edit ${team}/${name}`,
      );
    return found;
  }
  const visibility = options.private ? "private" : options.public ? "public" : "team";
  return ok(
    api.POST("/api/v1/datasets", {
      body: { team, name, visibility, description: description ?? "", tags },
    }),
  );
}
