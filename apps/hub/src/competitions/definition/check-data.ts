import {
  type CompetitionDefinition,
  DATA_FILE_NAMES,
  DATA_LOADER,
  DomainError,
  isDataFile,
  isTextTable,
  type RoundData,
  type RoundDefinition,
} from "@podium/shared";
import { holdTree, openFile, sharedFile, treeEntries } from "../../data/index.ts";
import type { Context, Membership } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { repeatedLine } from "./repeated-line.ts";

interface GivenRound {
  team: Pick<Membership, "id" | "slug">;
  definition: CompetitionDefinition;
  round: RoundDefinition;
  data: RoundData;
}

/**
 * Checks all that later steps rely on in the trees of a round: that they are the team's, hold what the definition says
 * they do, and that nothing that entrants or their code get has the labels in it (invariant 5). Holds the trees.
 * @throws DomainError `invalid_bundle`
 */
export async function checkRoundData(ctx: Context, tx: Tx, given: GivenRound): Promise<void> {
  const { round, data, definition } = given;
  refuseMissing(given);
  for (const [what, treeId] of treesOf(data)) {
    if (!(await holdTree(tx, treeId, [given.team.id])))
      throw invalid(round, `team "${given.team.slug}" has no tree ${treeId} for its ${what}. Push it first.`);
  }
  // A scorer or an ingestion program of the organizer's own knows what its files are.
  const asksTable = !definition.scorer || round.accepts.includes("checkpoint");
  if (asksTable && !(await feedsItself(tx, definition, data.inputs)))
    await requireOneFile(tx, round, "inputs", data.inputs, isTextTable, ".csv or .jsonl");
  if (!definition.scorer) await requireOneFile(tx, round, "labels", data.labels, isDataFile, DATA_FILE_NAMES);
  if (data.sample && !definition.scorer) {
    await requireOneFile(tx, round, "sample inputs", data.sample.inputs, isTextTable, ".csv or .jsonl");
    await requireOneFile(tx, round, "sample labels", data.sample.labels, isDataFile, DATA_FILE_NAMES);
  }
  await refuseLeaks(tx, round, data);
  if (data.sample) await refuseSharedRows(ctx, tx, round, data.labels, data.sample.labels);
}

/** The trees of a round by what they are to people. */
export function treesOf(data: RoundData): [what: string, treeId: string][] {
  return Object.entries({
    train: data.train,
    inputs: data.inputs,
    labels: data.labels,
    "sample inputs": data.sample?.inputs,
    "sample labels": data.sample?.labels,
    "scoring program": data.scorer,
    "ingestion program": data.ingestion,
  }).flatMap(([what, treeId]) => (treeId === undefined ? [] : [[what, treeId]]));
}

function invalid(round: RoundDefinition, message: string): DomainError {
  return new DomainError("invalid_bundle", `Round "${round.name}": ${message}`);
}

/** What the definition names must have been pushed, and nothing else. */
function refuseMissing({ definition, round, data }: GivenRound): void {
  const named = {
    sample: [round.sample, data.sample],
    scorer: [definition.scorer, data.scorer],
    ingestion: [definition.ingestion, data.ingestion],
  } as const;
  for (const [what, [wanted, given]] of Object.entries(named)) {
    if (wanted && !given)
      throw invalid(round, `the definition names a ${what}, and its files were not pushed.`);
    if (given && !wanted) throw invalid(round, `files were pushed as ${what}, which the definition has not.`);
  }
}

/** Inputs of any shape are handed to `infer` by the organizer's own module; only NSML's scorers know what it then writes. */
async function feedsItself(tx: Tx, { scorer }: CompetitionDefinition, inputs: string): Promise<boolean> {
  if (scorer?.convention !== "nsml") return false;
  for await (const { path } of treeEntries(tx, inputs)) if (path === DATA_LOADER) return true;
  return false;
}

async function requireOneFile(
  tx: Tx,
  round: RoundDefinition,
  what: string,
  treeId: string,
  fits: (path: string) => boolean,
  names: string,
): Promise<void> {
  let found = 0;
  for await (const { path } of treeEntries(tx, treeId)) if (fits(path)) found += 1;
  if (found !== 1) throw invalid(round, `${what} must hold exactly one ${names} file; there are ${found}.`);
}

/** Hidden labels must be in nothing that is shown; hidden inputs in nothing that entrants may read before. */
async function refuseLeaks(tx: Tx, round: RoundDefinition, data: RoundData): Promise<void> {
  for (const [what, treeId] of treesOf(data)) {
    if (what === "labels" || what === "scoring program") continue;
    const leak = await sharedFile(tx, data.labels, treeId);
    if (leak !== null)
      throw invalid(
        round,
        `"${leak}" of its ${what} is the labels file, or one of them. Entrants would see it: take it out.`,
      );
  }
  for (const [what, treeId] of [
    ["train", data.train] as const,
    ["sample inputs", data.sample?.inputs] as const,
  ]) {
    const leak = treeId === undefined ? null : await sharedFile(tx, data.inputs, treeId, isDataFile);
    if (leak !== null)
      throw invalid(
        round,
        `"${leak}" of its ${what} lies among the hidden inputs: take it out of one of them.`,
      );
  }
}

async function refuseSharedRows(
  ctx: Context,
  tx: Tx,
  round: RoundDefinition,
  labels: string,
  sample: string,
): Promise<void> {
  const [hidden, shown] = [await textTable(ctx, tx, labels), await textTable(ctx, tx, sample)];
  if (!hidden || !shown) return;
  const line = await repeatedLine(shown, hidden);
  if (line !== null)
    throw invalid(
      round,
      `line ${line} of the sample's labels is a row of the hidden labels too. Everybody sees the sample: give it other rows.`,
    );
}

async function textTable(ctx: Context, tx: Tx, treeId: string) {
  for await (const { path, sha256 } of treeEntries(tx, treeId))
    if (isTextTable(path)) return openFile({ db: tx, blobs: ctx.blobs }, sha256);
  return null;
}
