import type { Command } from "commander";
import { checkpointsOf, checkpointTree } from "../checkpoints.ts";
import type { Cli } from "../cli.ts";
import { leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { pullTree } from "../fetch-tree.ts";
import { counted, formatBytes } from "../quantities.ts";
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
          third === undefined
            ? await codeTree(cli, session, second)
            : await checkpointTree(cli, session.id, second);
        const pulled = await pullTree(cli, treeId, third ?? second, { force: options.force ?? false });
        const what = third === undefined ? "The code" : `The checkpoint "${second}"`;
        show(
          cli,
          options,
          pulled,
          ({ path, files, size_bytes }) =>
            `${what} is in ${path}: ${counted(files, "file")}, ${formatBytes(size_bytes)}.`,
        );
      },
    );
}

/** The code, unless the folder has a checkpoint's name: then the folder was forgotten. */
async function codeTree(
  cli: Cli,
  session: { id: string; name: string; code_tree: string },
  path: string,
): Promise<string> {
  const names = (await checkpointsOf(cli, session.id)).map((item) => item.name);
  if (!names.includes(path)) return session.code_tree;
  throw new CliError(
    `"${path}" is a checkpoint of ${session.name}: say where to put it (podium pull ${session.name} ${path} FOLDER), or ./${path} for the code.`,
  );
}
