import { lstat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { type Assignment, DomainError, type SessionFailure, type TreeEntry } from "@podium/shared";
import { isErrno } from "../data/files.ts";
import { removeFolder } from "../data/remove.ts";
import type { TreeSource, TreeStore } from "../data/tree-store.ts";
import { BuildFailed } from "../environments/build.ts";
import { type AttemptFolder, makeAttemptFolder } from "./attempt-folder.ts";

/** A hub that is away for longer than this while an attempt waits for its data fails the attempt. */
const GIVE_UP_MS = 15 * 60_000;

/**
 * Brings everything that the session needs onto this machine: its code as a copy that it may change, the rest as
 * shared read-only folders. May be repeated after a crash. Returns the files of the code.
 */
export async function prepare(
  assignment: Assignment,
  folder: AttemptFolder,
  trees: TreeStore,
  source: TreeSource,
  cancelled: AbortSignal,
): Promise<readonly TreeEntry[]> {
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(GIVE_UP_MS)]);
  await removeFolder(folder.code);
  await makeAttemptFolder(folder);
  const shared = new Set(assignment.datasets.map((dataset) => dataset.tree_id));
  if (assignment.checkpoint) shared.add(assignment.checkpoint.tree_id);
  if (assignment.input) shared.add(assignment.input.tree_id);
  const code = await trees.copy(assignment.code_tree, folder.code, source, signal);
  for (const treeId of shared) await trees.mount(treeId, assignment.attempt_id, source, signal);
  await checkEntrypoint(assignment.entrypoint, folder.code);
  return code;
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
  if (error instanceof BuildFailed) return error.failure;
  if (error instanceof DomainError) return failure("prepare_failed", error.message);
  if (isErrno(error, "ENOSPC", "EDQUOT")) {
    return failure("disk_full", "The machine's disk is full.", "Try again; the organizers were told.");
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return failure("prepare_failed", "The session's files could not be fetched within 15 minutes.");
  }
  return failure(
    "platform_error",
    `The machine could not run the session: ${error instanceof Error ? error.message : error}`,
  );
}
