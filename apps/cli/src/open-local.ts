import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { CliError } from "./errors.ts";
import type { LocalFile } from "./scan.ts";

/**
 * Opens a file that was found to be one; the caller closes the descriptor.
 * Throws a `CliError` when it can't be read, or is something else now: a pipe that was swapped in must not hang us.
 */
export function openLocal(file: LocalFile): { descriptor: number; stats: Stats } {
  const descriptor = attempt(file, () => openSync(file.source, constants.O_RDONLY | constants.O_NONBLOCK));
  const stats = attempt(file, () => fstatSync(descriptor));
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw changed(file, "it is no file any more");
}

export function changed(file: LocalFile, how: string): CliError {
  return new CliError(`${file.path} changed while it was being pushed: ${how}. Push again when it is done.`);
}

export function attempt<T>(file: LocalFile, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CliError(`${file.source} can't be read: ${(error as Error).message}`);
  }
}
