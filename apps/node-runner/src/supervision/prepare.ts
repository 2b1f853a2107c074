import { lstat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { type Assignment, DomainError, type SessionFailure, type TreeEntry } from "@podium/shared";
import { isErrno } from "../data/files.ts";
import type { TreeSource } from "../data/tree-store.ts";
import { ExecutorAway, type Owner } from "../executors/executor.ts";
import { type AttemptFolder, giveTo, makeSessionFolders } from "./attempt-folder.ts";
import type { RunnerContext } from "./context.ts";
import { AttemptFailure, diskFull } from "./failures.ts";
import { Patience } from "./patience.ts";

/** When nothing has come from the hub to this machine for so long, an attempt that waits for its data fails. */
const GIVE_UP_MS = 15 * 60_000;

/**
 * Brings everything that the session needs onto this machine: its code as a copy that it may change, the rest as
 * shared read-only folders. Its code is fetched while its own `disk` is being made. May be repeated after a crash.
 * Returns the files of the code.
 */
export async function prepare(
  { trees, scratch, faults, blobs }: Pick<RunnerContext, "trees" | "scratch" | "faults" | "blobs">,
  assignment: Assignment,
  folder: AttemptFolder,
  disk: Promise<void>,
  owner: Owner | null,
  source: TreeSource,
  cancelled: AbortSignal,
): Promise<readonly TreeEntry[]> {
  // Of all attempts: another one may be fetching what this one waits for.
  const patience = new Patience(GIVE_UP_MS, () => blobs.receivedBytes);
  const signal = AbortSignal.any([cancelled, patience.signal]);
  try {
    return await bring({ trees, scratch, faults }, assignment, folder, disk, owner, source, signal);
  } finally {
    patience.stop();
  }
}

async function bring(
  { trees, scratch, faults }: Pick<RunnerContext, "trees" | "scratch" | "faults">,
  assignment: Assignment,
  folder: AttemptFolder,
  disk: Promise<void>,
  owner: Owner | null,
  source: TreeSource,
  signal: AbortSignal,
) {
  await Promise.all([disk, trees.fetch(assignment.code_tree, source, signal)]);
  await faults.reach("scratch made");
  await makeSessionFolders(folder, owner);
  const shared = new Set(assignment.datasets.map((dataset) => dataset.tree_id));
  if (assignment.checkpoint) shared.add(assignment.checkpoint.tree_id);
  if (assignment.input) shared.add(assignment.input.tree_id);
  const code = await copyCode(assignment, folder, { trees, scratch }, source, signal);
  await giveTo(owner, folder.code);
  await faults.reach("code copied");
  for (const treeId of shared) await trees.mount(treeId, assignment.attempt_id, source, signal);
  if (!assignment.serving?.onnx) await checkEntrypoint(assignment.entrypoint, folder.code);
  return code;
}

async function copyCode(
  { code_tree, resources }: Assignment,
  folder: AttemptFolder,
  { trees, scratch }: Pick<RunnerContext, "trees" | "scratch">,
  source: TreeSource,
  signal: AbortSignal,
) {
  const { disk_bytes } = resources;
  const tooLarge = () =>
    new AttemptFailure(diskFull(disk_bytes, "The session's code does not fit on its disk"));
  const entries = await trees.copy(code_tree, folder.code, source, signal).catch(async (error) => {
    throw isErrno(error, "ENOSPC") && (await scratch.isFull(folder)) ? tooLarge() : error;
  });
  if (await scratch.takesMoreThan(folder, disk_bytes)) throw tooLarge();
  return entries;
}

async function checkEntrypoint(entrypoint: string, codeFolder: string) {
  const path = normalize(entrypoint);
  const outside = isAbsolute(path) || path === ".." || path.startsWith("../");
  const status = outside ? null : await lstat(join(codeFolder, path)).catch(() => null);
  if (!status?.isFile()) {
    throw new DomainError("invalid_request", `There is no file "${entrypoint}" in the session's code.`);
  }
}

/** What people read when a session failed for a reason that lies with its files or with this machine. */
export function localFailure(error: unknown): SessionFailure {
  const failure = (
    code: SessionFailure["code"],
    message: string,
    hint: string | null = null,
  ): SessionFailure => ({
    code,
    message,
    location: null,
    hint,
  });
  if (error instanceof AttemptFailure) return error.failure;
  if (error instanceof ExecutorAway) return failure("node_lost", error.message);
  // Files arrived damaged each time, or did not come: network and hub are the platform's.
  if (error instanceof DomainError && error.code === "hash_mismatch")
    return failure("platform_error", error.message);
  if (error instanceof DomainError) return failure("prepare_failed", error.message);
  if (isErrno(error, "ENOSPC", "EDQUOT")) {
    return failure(
      "platform_error",
      "The machine's disk is full.",
      "It is tried again; the organizers were told.",
    );
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return failure("platform_error", "Nothing of the session's files has come from the hub for 15 minutes.");
  }
  return failure(
    "platform_error",
    `The machine could not run the session: ${error instanceof Error ? error.message : error}`,
  );
}
