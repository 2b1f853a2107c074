import { CHUNK_BYTES } from "@podium/shared";
import { openFile, treeEntries } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import type { SessionRow } from "./store.ts";

/** What NSML added to the command line of a fork: `--pause 1 --iteration CHECKPOINT`. */
const FLAGS = ["--pause", "--iteration"] as const;

/**
 * Which of NSML's options the entrypoint knows, told by its text. A script that does not know an option would end with a
 * usage error if it was given one.
 */
export async function nsmlFlags(
  ctx: Context,
  tx: Tx,
  codeTree: string,
  entrypoint: string,
): Promise<string[]> {
  for await (const entry of treeEntries(tx, codeTree)) {
    if (entry.path !== entrypoint || entry.size > CHUNK_BYTES) continue;
    const file = await openFile({ db: tx, blobs: ctx.blobs }, entry.sha256);
    if (!file) return [];
    const text = Buffer.concat(await Array.fromAsync(file.read(0, file.size))).toString();
    return FLAGS.filter((flag) => new RegExp(`["']${flag}["']`).test(text));
  }
  return [];
}

/** A session's arguments; training that begins from a checkpoint is told so in NSML's way where its script knows it. */
export function argumentsFor({
  kind,
  args,
  checkpoint,
  nsmlFlags: flags,
}: Pick<SessionRow, "kind" | "args" | "checkpoint" | "nsmlFlags">): string[] {
  if (kind !== "train" || checkpoint === null) return args;
  const added = { "--pause": "1", "--iteration": checkpoint.name };
  return [...args, ...FLAGS.flatMap((flag) => (flags.includes(flag) ? [flag, added[flag]] : []))];
}
