import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { pullTree } from "../fetch-tree.ts";
import { formatBytes } from "../quantities.ts";
import { findSession } from "../session-ref.ts";

export function pullCommand(cli: Cli): Command {
  return leaf(
    "pull",
    "fetch a session's code, or one of its checkpoints",
    "podium pull SESSION PATH fetches the code, podium pull SESSION CHECKPOINT PATH a checkpoint.",
  )
    .usage("[options] <session> [checkpoint] <path>")
    .argument("<session>", "owner/dataset/N or id")
    .argument("<checkpoint-or-path>")
    .argument("[path]")
    .option("--force", "write over what is in the folder")
    .action(
      async (
        reference: string,
        second: string,
        third: string | undefined,
        options: { force?: boolean; json?: boolean },
      ) => {
        const session = await findSession(cli, reference);
        const treeId =
          third === undefined ? session.code_tree : await checkpointTree(cli, session.id, second);
        const pulled = await pullTree(cli, treeId, third ?? second, { force: options.force ?? false });
        show(
          cli,
          options,
          pulled,
          ({ path, files, size_bytes }) => `${files} files (${formatBytes(size_bytes)}) are in ${path}.`,
        );
      },
    );
}

async function checkpointTree(cli: Cli, id: string, name: string): Promise<string> {
  const { items } = await ok(
    cli.api().GET("/api/v1/sessions/{id}/checkpoints", { params: { path: { id } } }),
  );
  const checkpoint = items.find((item) => item.name === name);
  if (checkpoint) return checkpoint.tree_id;
  const names = items.map((item) => item.name).join(", ");
  throw new CliError(`The session has no checkpoint "${name}". It has: ${names || "none"}.`);
}
