import { open } from "node:fs/promises";
import {
  type Assignment,
  DomainError,
  isProgramFile,
  type SessionFailure,
  type TreeEntry,
} from "@podium/shared";
import type { BlobCache } from "../data/blob-cache.ts";
import { ingestFolder } from "../data/ingest.ts";
import type { Env } from "../env.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import { type AttemptState, bootId } from "./attempt-state.ts";
import { type EndedProcess, failureOf } from "./outcome.ts";
import { localFailure } from "./prepare.ts";
import type { Spool } from "./spool.ts";

const PREDICTIONS = "predictions.jsonl";
/** What each file of a dataset's rows gets. */
const OF_A_FILE = ".predictions.jsonl";
/** What the organizer's data_loader.py writes through `infer`, where the inputs have one. */
const FED = "predictions.txt";
const LAST_BYTES = 4096;

export interface Conclusion {
  failure: SessionFailure | null;
  output: TreeEntry[] | null;
}

/** Judges a process that has ended, and takes in the output of a batch inference. The log is complete already. */
export async function conclude(
  assignment: Assignment,
  folder: AttemptFolder,
  state: AttemptState,
  spool: Spool,
  blobs: BlobCache,
  limits: Pick<EndedProcess, "ran_into" | "limits">,
): Promise<Conclusion> {
  const failure = failureOf({
    cause: state.cause,
    exit_code: state.exit_code,
    reported: spool.failure,
    last_line: await lastLine(folder.output_log),
    machine_restarted: state.boot_id !== bootId(),
    oom: state.oom,
    lost: state.lost,
    ...limits,
  });
  const succeeded = failure === null && state.cause === null;
  if (!succeeded || assignment.session.kind !== "infer") return { failure, output: null };
  return takeOutput(assignment, folder, blobs);
}

async function takeOutput(
  { resources, entrypoint, input }: Assignment,
  folder: AttemptFolder,
  blobs: BlobCache,
): Promise<Conclusion> {
  const refused = (message: string, hint: string | null): Conclusion => ({
    failure: { code: "user_error", message, location: null, hint },
    output: null,
  });
  try {
    const output = await ingestFolder(folder.output, folder.output, blobs, resources.disk_bytes);
    // An organizer's program names its files as the organizer's scorer wants them.
    const isWanted = ({ path }: TreeEntry) =>
      input?.each_file
        ? path.endsWith(OF_A_FILE)
        : path === PREDICTIONS || path === FED || isProgramFile(entrypoint);
    if (output.some(isWanted)) return { failure: null, output };
    for (const entry of output) blobs.unpin(entry.sha256);
    return refused(
      `The script ended without writing ${input?.each_file ? `a file *${OF_A_FILE}` : PREDICTIONS}.`,
      "Bind an `infer` function and call podium.paused(), or write the file into PODIUM_OUTPUT_PATH.",
    );
  } catch (error) {
    if (!(error instanceof DomainError)) return { failure: localFailure(error), output: null };
    return refused(`The output can't be taken over: ${error.message}`, null);
  }
}

/** The last line of a log that is not blank, as far as the last 4 KiB show it. */
async function lastLine(path: string): Promise<string | null> {
  const file = await open(path, "r").catch(() => null);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, LAST_BYTES));
    await file.read(bytes, 0, bytes.byteLength, size - bytes.byteLength);
    const lines = bytes.toString("utf8").split("\n");
    return lines.findLast((line) => line.trim() !== "") ?? null;
  } finally {
    await file.close();
  }
}

/** The bounds that an attempt's session may have met. */
export function limitsOf({ resources }: Assignment, env: Env): EndedProcess["limits"] {
  const { memory_bytes, disk_bytes } = resources;
  const { PODIUM_MAX_LOG_BYTES: log_bytes, PODIUM_MAX_PROCESSES: processes } = env;
  return { memory_bytes, disk_bytes, log_bytes, processes };
}
