import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok, okOrNull } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { pullTree } from "../fetch-tree.ts";
import { table } from "../output.ts";
import { personalTeam } from "../personal-team.ts";
import { push } from "../push.ts";
import { counted, formatBytes, formatTime } from "../quantities.ts";
import type { Dataset } from "../types.ts";

interface PushOptions {
  private?: boolean;
  public?: boolean;
  description?: string;
  json?: boolean;
}

export function datasetCommand(cli: Cli): Command {
  return group("dataset", "list, push and pull datasets", [ls(cli), pushOne(cli), pullOne(cli)]);
}

function ls(cli: Cli): Command {
  return leaf("ls", "list the datasets that you may use").action(async (options: JsonOption) => {
    const all = await allPages((query) => ok(cli.api().GET("/api/v1/datasets", { params: { query } })));
    show(cli, options, all, (rows) =>
      table(
        rows,
        [
          { title: "NAME", value: (row) => `${row.team}/${row.name}` },
          { title: "VERSION", value: (row) => row.latest_version, right: true },
          { title: "SIZE", value: (row) => formatBytes(row.size_bytes), right: true },
          { title: "VISIBLE TO", value: (row) => row.visibility },
          { title: "CREATED", value: (row) => formatTime(row.created_at) },
          { title: "DESCRIPTION", value: (row) => row.description || "–" },
        ],
        "There are no datasets yet. Push one: podium dataset push NAME FOLDER",
      ),
    );
  });
}

function pushOne(cli: Cli): Command {
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
    .action(async (reference: string, path: string, options: PushOptions) => {
      if (options.private && options.public) throw new CliError("Give --private or --public, not both.");
      const { team, name } = await splitName(cli, reference);
      const pushed = await push(cli, path, team);
      const dataset = await ensureDataset(cli, team, name, options);
      const params = { path: { team: dataset.team, name } };
      const version = await ok(
        cli
          .api()
          .POST("/api/v1/datasets/{team}/{name}/versions", { params, body: { tree_id: pushed.tree_id } }),
      );
      show(
        cli,
        options,
        version,
        ({ number }) =>
          `${dataset.team}/${name}@${number}: ${counted(pushed.files, "file")}, ${formatBytes(pushed.size_bytes)} (${formatBytes(pushed.sent_bytes)} sent).`,
      );
    });
}

async function ensureDataset(cli: Cli, team: string, name: string, options: PushOptions): Promise<Dataset> {
  const api = cli.api();
  const found = await okOrNull(
    api.GET("/api/v1/datasets/{team}/{name}", { params: { path: { team, name } } }),
  );
  if (found) return found;
  const visibility = options.private ? "private" : options.public ? "public" : "team";
  return ok(
    api.POST("/api/v1/datasets", {
      body: { team, name, visibility, description: options.description ?? "" },
    }),
  );
}

function pullOne(cli: Cli): Command {
  return leaf("pull", "fetch a dataset into a folder")
    .argument("<name>", "NAME, team/NAME or team/NAME@version")
    .argument("<path>", "a new or empty folder")
    .option("--force", "write over what is in the folder")
    .action(async (reference: string, path: string, options: { force?: boolean; json?: boolean }) => {
      const { team, name, version } = await findReadable(cli, reference);
      const pulled = await pullTree(cli, await versionTree(cli, team, name, version), path, {
        force: options.force ?? false,
      });
      show(
        cli,
        options,
        pulled,
        ({ path: folder, files, size_bytes }) =>
          `${counted(files, "file")}, ${formatBytes(size_bytes)}, in ${folder}.`,
      );
    });
}

async function versionTree(cli: Cli, team: string, name: string, number: number | null): Promise<string> {
  const params = { path: { team, name } };
  const { items: versions } = await ok(cli.api().GET("/api/v1/datasets/{team}/{name}/versions", { params }));
  const wanted = number ?? Math.max(0, ...versions.map((version) => version.number));
  const version = versions.find((each) => each.number === wanted);
  if (version) return version.tree_id;
  throw new CliError(
    number === null ? `${team}/${name} has no version yet.` : `${team}/${name} has no version ${number}.`,
  );
}

/** Without a team: one's own dataset, else the only one of this name that one may read, as `podium run -d` does. */
async function findReadable(cli: Cli, reference: string) {
  const split = await splitName(cli, reference);
  if (reference.includes("/")) return split;
  const all = await allPages((query) => ok(cli.api().GET("/api/v1/datasets", { params: { query } })));
  const named = all.filter((dataset) => dataset.name === split.name);
  if (named.length === 0 || named.some((dataset) => dataset.team === split.team)) return split;
  if (named.length === 1) return { ...split, team: named[0]?.team ?? split.team };
  const choices = named.map((dataset) => `${dataset.team}/${dataset.name}`).join(", ");
  throw new CliError(`There are several datasets of this name. Say which: ${choices}.`);
}

async function splitName(
  cli: Cli,
  reference: string,
): Promise<{ team: string; name: string; version: number | null }> {
  const match = /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)(?:@(\d+))?$/.exec(reference);
  const [, team, name, version] = match ?? [];
  if (name === undefined)
    throw new CliError(
      `"${reference}" is not a dataset's name: lower-case letters, digits, hyphens; team/NAME for another team's.`,
    );
  return {
    team: team ?? (await personalTeam(cli)),
    name,
    version: version === undefined ? null : Number(version),
  };
}
