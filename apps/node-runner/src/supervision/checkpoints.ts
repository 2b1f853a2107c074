import { lstat, rename } from "node:fs/promises";
import { join } from "node:path";
import { DomainError, type SdkFrame, type TreeEntry } from "@podium/shared";
import { isErrno } from "../data/files.ts";
import { ingestFolder } from "../data/ingest.ts";
import { treeIdOf } from "../data/manifests.ts";
import { removeFolder } from "../data/remove.ts";
import type { TreeSource } from "../data/tree-store.ts";
import { untilAnswered } from "../hub/attempt-source.ts";
import type { OnBehalf } from "../hub/client.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { RunnerContext } from "./context.ts";
import { hostPath, type SessionPlaces } from "./places.ts";
import type { Spool } from "./spool.ts";

type SaveFrame = Extract<SdkFrame, { type: "save" }>;
type LoadFrame = Extract<SdkFrame, { type: "load" }>;

export interface CheckpointContext {
  runner: RunnerContext;
  on: OnBehalf;
  folder: AttemptFolder;
  places: SessionPlaces;
  spool: Spool;
  source: TreeSource;
  /** What a checkpoint may have: no more than the session may write at all. */
  maxBytes: number;
  signal: AbortSignal;
}

/**
 * Takes over the folder that a session saved. When it returns, files and record are on this machine's disk; they go
 * to the hub in the background. Throws a `DomainError` that tells the script what is wrong with the folder.
 */
export async function saveCheckpoint(
  context: CheckpointContext,
  frame: SaveFrame,
  from: [pid: number, seq: number],
) {
  const { runner, places, spool } = context;
  const { path, root } = hostPath(places, frame.path);
  let entries: TreeEntry[];
  try {
    entries = await ingestFolder(path, root, runner.blobs, context.maxBytes);
  } catch (error) {
    if (!isErrno(error, "ENOSPC", "EDQUOT")) throw error;
    throw new DomainError("unavailable", "The machine's disk is full; the checkpoint was not saved.");
  }
  const { name, metrics } = frame;
  const at = runner.clock.now().toISOString();
  await spool.append([{ record: { type: "checkpoint", at, name, entries, metrics }, from }]);
}

/** Brings a checkpoint into the session's sight and returns its folder there. Throws `not_found` and the like. */
export async function loadCheckpoint(context: CheckpointContext, frame: LoadFrame): Promise<string> {
  const { runner, on, folder, places, spool, source, signal } = context;
  const own = frame.session === null ? spool.checkpoints.get(frame.name) : undefined;
  if (own && (await areCached(context, own))) {
    return place(treeIdOf(own), (target) => runner.trees.linkEntries(own, target));
  }
  const found = await untilAnswered(
    () => runner.hub.checkpoint(on, frame.name, frame.session, signal),
    runner.random,
    signal,
  );
  return place(found.tree_id, (target) => runner.trees.link(found.tree_id, target, source, signal));

  async function place(treeId: string, fill: (target: string) => Promise<void>) {
    const target = join(folder.loaded, treeId.slice(0, 16));
    if (!(await lstat(target).catch(() => null))) {
      const temporary = runner.blobs.temporaryPath();
      await fill(temporary);
      await rename(temporary, target).catch(async (error) => {
        await removeFolder(temporary);
        // Another process of the session was first: all of them load at once.
        if (!isErrno(error, "ENOTEMPTY", "EEXIST")) throw error;
      });
    }
    return join(places.loaded.inside, treeId.slice(0, 16));
  }
}

async function areCached({ runner }: CheckpointContext, entries: readonly TreeEntry[]): Promise<boolean> {
  return (await runner.blobs.missing(entries)).length === 0;
}
