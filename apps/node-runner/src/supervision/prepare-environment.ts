import { constants } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Assignment, environmentFiles, environmentManifest, type TreeEntry } from "@podium/shared";
import type { Executor } from "../executors/executor.ts";
import type { RunnerContext } from "./context.ts";

export interface Prepared {
  /** as the executor starts it; null: this machine's own files */
  image: string | null;
  /** name in the store of environments; null: nothing is to be installed */
  environment: string | null;
}

/**
 * Brings the image of a session and what its code has installed onto this machine. `say` puts lines into the session's
 * log while that goes on. @throws BuildFailed, DomainError for people
 */
export async function prepareEnvironment(
  { environments, onnx }: RunnerContext,
  executor: Executor,
  assignment: Assignment,
  code: { folder: string; entries: readonly TreeEntry[] },
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Prepared> {
  const image = await executor.prepareImage(assignment.image, signal, (line) => say(`[podium] ${line}`));
  if (assignment.serving?.onnx) await onnx.get();
  const { environment: key, attempt_id } = assignment;
  if (key === null) return { image, environment: null };
  if (keyOf(assignment.image, code.entries) !== key) {
    throw new Error("the hub and this runner do not agree on what the environment consists of; update both");
  }
  const placeFiles = (folder: string) => copyFiles(environmentFiles(code.entries), code.folder, folder);
  const built = await environments.get({ key, image, placeFiles }, attempt_id, say, signal);
  return { image: built.image, environment: built.name };
}

/** What the log says first of an image that the code asks for and no node could run. */
export function droppedImageNotice(image: string): string {
  return `[podium] The code asks for the image ${image}, which no node here can run: it runs in this machine's own Python`;
}

function keyOf(image: string | null, entries: readonly TreeEntry[]): string | null {
  const manifest = environmentManifest(image, entries);
  return manifest === null ? null : new Bun.CryptoHasher("sha256").update(manifest).digest("hex");
}

async function copyFiles(entries: readonly TreeEntry[], from: string, to: string) {
  for (const { path } of entries) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(from, path), target, constants.COPYFILE_FICLONE);
  }
}
