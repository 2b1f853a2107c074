import type { Command } from "commander";
import { checkpointsOf, checkpointTree } from "../checkpoints.ts";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { pullTree } from "../fetch-tree.ts";
import { matches } from "../glob.ts";
import { printable, table } from "../output.ts";
import { ask } from "../prompt.ts";
import { counted, formatBytes, formatNumber, formatTime } from "../quantities.ts";
import { findSession } from "../session-ref.ts";

export function modelsCommand(cli: Cli): Command {
  return listing(cli, "models");
}

/** `podium model ls`, as NSML's users type it. */
export function modelCommand(cli: Cli): Command {
  return group("model", "the checkpoints of a session", [listing(cli, "ls"), removing(cli), pulling(cli)]);
}

function listing(cli: Cli, name: string): Command {
  return leaf(name, "list the checkpoints that a session saved")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { id } = await findSession(cli, reference);
      const { items } = await ok(
        cli.api().GET("/api/v1/sessions/{id}/checkpoints", { params: { path: { id } } }),
      );
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "CHECKPOINT", value: (row) => row.name },
            { title: "SAVED", value: (row) => formatTime(row.created_at) },
            { title: "SIZE", value: (row) => formatBytes(row.size_bytes), right: true },
            { title: "METRICS", value: (row) => metricsOf(row.metrics) || "–" },
          ],
          "No checkpoints yet. A script saves one with podium.save(name).",
        ),
      );
    });
}

function removing(cli: Cli): Command {
  return leaf(
    "rm",
    "remove checkpoints of a session",
    "What was submitted, and what the session goes on from while it runs, stays.",
  )
    .argument("<session>", "owner/dataset/N or id")
    .argument("<checkpoint...>", "* and ? stand for any name or letter")
    .option("-f, --force", "don't ask")
    .action(async (reference: string, patterns: string[], options: JsonOption & { force?: boolean }) => {
      const session = await findSession(cli, reference);
      const there = (await checkpointsOf(cli, session.id)).map(({ name }) => name);
      const names = there.filter((name) =>
        patterns.some((pattern) => name === pattern || matches(pattern, name)),
      );
      if (names.length === 0)
        throw new CliError(`${session.name} has no such checkpoint. It has: ${there.join(", ") || "none"}.`);
      if (!options.force && !(await agreed(cli, names))) return;
      await removeAll(cli, session.id, names, options);
    });
}

async function agreed(cli: Cli, names: readonly string[]): Promise<boolean> {
  for (const name of names) cli.out.note(printable(name));
  const answer = await ask(`Remove ${counted(names.length, "checkpoint")} for good? [y/N]`, "--force");
  return /^y(es)?$/i.test(answer);
}

async function removeAll(cli: Cli, id: string, names: readonly string[], options: JsonOption): Promise<void> {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const name of names) {
    try {
      const params = { path: { id }, query: { name } };
      await ok(cli.api().DELETE("/api/v1/sessions/{id}/checkpoints", { params }));
      removed.push(name);
    } catch (error) {
      if (!(error instanceof CliError) || error.code === undefined) throw error;
      kept.push(error.message);
    }
  }
  if (options.json) cli.out.json({ removed, kept });
  else if (removed.length > 0) cli.out.line(`Removed ${removed.map(printable).join(", ")}.`);
  if (kept.length > 0) throw new CliError(kept.join("\n"));
}

function pulling(cli: Cli): Command {
  return leaf("pull", "fetch the files of a checkpoint", "The same as podium pull SESSION CHECKPOINT PATH.")
    .argument("<session>", "owner/dataset/N or id")
    .argument("<checkpoint>")
    .argument("<path>", "a folder that is new or empty")
    .option("--force", "write over what is in the folder")
    .action(
      async (
        reference: string,
        checkpoint: string,
        path: string,
        options: JsonOption & { force?: boolean },
      ) => {
        const { id } = await findSession(cli, reference);
        const tree = await checkpointTree(cli, id, checkpoint);
        const pulled = await pullTree(cli, tree, path, { force: options.force ?? false });
        show(
          cli,
          options,
          pulled,
          ({ path, files, size_bytes }) =>
            `The checkpoint "${checkpoint}" is in ${path}: ${counted(files, "file")}, ${formatBytes(size_bytes)}.`,
        );
      },
    );
}

function metricsOf(metrics: Record<string, number>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name}=${formatNumber(value)}`)
    .join(" ");
}
