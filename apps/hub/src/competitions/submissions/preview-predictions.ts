import { DomainError, type submissionPreviewSchema } from "@podium/shared";
import type { z } from "zod";
import { openFile, treeEntries } from "../../data/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import { findShown } from "../store.ts";

/** As many as NSML showed; a CSV's header comes on top. */
const LINES = 10;
const FIRST_BYTES = 16_384;
const TEXT = /\.(csv|jsonl|ndjson|tsv|txt)$/i;

/**
 * The first predictions of a trial run. Of other submissions nothing is shown, not even to their entrants: a prediction
 * can repeat its input, and those are hidden.
 * @throws DomainError `not_found`, `conflict` while there are none, or when it is no trial run
 */
export async function previewPredictions(
  ctx: Context,
  id: string,
): Promise<z.infer<typeof submissionPreviewSchema>> {
  requireUser(ctx);
  const found = await findShown(ctx.db, id);
  if (!found || !(mayUseTeam(ctx, found.submission.teamId) || mayUseTeam(ctx, found.organizerId)))
    throw new DomainError("not_found", `There is no submission ${id} that you may see.`);
  const { trial, predictionsTree, state } = found.submission;
  if (!trial)
    throw new DomainError(
      "conflict",
      "Predictions are shown of trial runs alone: podium submit -t makes one.",
    );
  if (!predictionsTree)
    throw new DomainError(
      "conflict",
      `This trial run is ${state} and has no predictions${state === "failed" ? "" : " yet"}.`,
    );
  const files = await Array.fromAsync(treeEntries(ctx.db, predictionsTree));
  const entry = files.find(({ path }) => /^predictions\.(jsonl|txt)$/.test(path)) ?? files[0];
  const file = entry ? await openFile(ctx, entry.sha256) : null;
  if (!entry || !file) throw new Error(`The predictions of ${id} are gone.`);
  if (!TEXT.test(entry.path)) return { file: entry.path, lines: [] };
  const bytes = await Array.fromAsync(file.read(0, Math.min(file.size, FIRST_BYTES)));
  return { file: entry.path, lines: firstLines(Buffer.concat(bytes).toString(), entry.path) };
}

function firstLines(text: string, path: string): string[] {
  const header = /\.(csv|tsv)$/i.test(path) ? 1 : 0;
  return text
    .split("\n")
    .slice(0, LINES + header)
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line !== "");
}
