import { type TreeEntry, treeSchema } from "@podium/shared";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf } from "../command.ts";
import { readTreeFile } from "../fetch-tree.ts";
import { printable } from "../output.ts";
import { findSession } from "../session-ref.ts";

const MAX_TEXT_BYTES = 1024 * 1024;

interface FileChange {
  path: string;
  change: "added" | "removed" | "changed";
  /** Unified diff; null where a file is binary or large. */
  patch: string | null;
}

export function diffCommand(cli: Cli): Command {
  return leaf("diff", "compare the code of two sessions")
    .argument("<a>", "owner/dataset/N or id")
    .argument("<b>", "owner/dataset/N or id")
    .action(async (a: string, b: string, options: JsonOption) => {
      const [left, right] = await Promise.all([findSession(cli, a), findSession(cli, b)]);
      const changes = await compare(cli, left.code_tree, right.code_tree);
      if (options.json) return cli.out.json(changes);
      if (changes.length === 0) return cli.out.line("The code is the same.");
      for (const change of changes) cli.out.line(describe(cli, change));
    });
}

async function compare(cli: Cli, left: string, right: string): Promise<FileChange[]> {
  const [before, after] = await Promise.all([entriesOf(cli, left), entriesOf(cli, right)]);
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changes: FileChange[] = [];
  for (const path of paths) {
    const [old, now] = [before.get(path), after.get(path)];
    if (old?.sha256 === now?.sha256) continue;
    const texts = await Promise.all([textOf(cli, left, old), textOf(cli, right, now)]);
    const change = !old ? "added" : !now ? "removed" : "changed";
    changes.push({ path, change, patch: await patchOf(path, change, texts) });
  }
  return changes;
}

async function patchOf(
  path: string,
  change: FileChange["change"],
  [old, now]: readonly (string | null)[],
): Promise<string | null> {
  if (typeof old !== "string" || typeof now !== "string") return null;
  // Loaded only here: every other command starts sooner without it.
  const { createTwoFilesPatch } = await import("diff");
  const from = change === "added" ? "/dev/null" : `a/${path}`;
  const to = change === "removed" ? "/dev/null" : `b/${path}`;
  return createTwoFilesPatch(from, to, old, now).replace(/^=+\n/, "");
}

async function entriesOf(cli: Cli, id: string): Promise<Map<string, TreeEntry>> {
  const tree = treeSchema.parse(await ok(cli.api().GET("/api/v1/trees/{id}", { params: { path: { id } } })));
  return new Map(tree.entries.map((entry) => [entry.path, entry]));
}

/** Text of a file; "" where there is none; null when it is binary or too large to compare by line. */
async function textOf(cli: Cli, treeId: string, entry: TreeEntry | undefined): Promise<string | null> {
  if (!entry) return "";
  if (entry.size > MAX_TEXT_BYTES) return null;
  const bytes = await readTreeFile(cli.api(), treeId, entry.sha256);
  return bytes.includes(0) ? null : new TextDecoder().decode(bytes);
}

function describe(cli: Cli, { path, change, patch }: FileChange): string {
  if (patch === null) return `${path}: ${change} (binary or large)`;
  return patch
    .trimEnd()
    .split("\n")
    .map((line) => {
      const colour = line.startsWith("+")
        ? "green"
        : line.startsWith("-")
          ? "red"
          : line.startsWith("@@")
            ? "cyan"
            : "dim";
      return line.startsWith(" ") ? printable(line) : cli.out.paint(colour, printable(line));
    })
    .join("\n");
}
