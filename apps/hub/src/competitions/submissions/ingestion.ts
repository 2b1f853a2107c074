import { DomainError, isProgramFile } from "@podium/shared";
import { findTree, treeEntries } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { findEnvironment, type SessionSpec } from "../../sessions/index.ts";
import type { CompetitionRow, RoundRow, SubmissionRow } from "../store.ts";

/** Where submitted code lies for the ingestion program: `podium.DATASETS["submission"]`, Codabench's `$submission_program`. */
const SUBMISSION_MOUNT = "submission";

type Run = Pick<SessionSpec, "datasets" | "resources">;

/**
 * What runs for submitted code in a round with an ingestion program: that program, in its own image and with its own
 * packages, and the code beside it as a folder to read from.
 * @throws DomainError `invalid_bundle` when the program doesn't say how it is run
 */
export async function withIngestion<R extends Run>(
  ctx: Context,
  tx: Tx,
  {
    submission,
    round,
    competition,
  }: { submission: SubmissionRow; round: RoundRow; competition: CompetitionRow },
  run: R,
) {
  const { ingestionTree } = round;
  const code = submission.codeTree ? await findTree(tx, submission.codeTree) : null;
  if (!ingestionTree || !code) throw new Error(`Submission ${submission.id} names trees that are gone.`);
  const entrypoint = await metadataOf(tx, ingestionTree);
  if (entrypoint === null)
    throw new DomainError(
      "invalid_bundle",
      "The ingestion program of this round has no metadata file that says how it is run. It cost you nothing: tell the organizer, then submit again.",
    );
  const image = competition.definition.ingestion?.image;
  const { resources } = run;
  return {
    ...run,
    ...(await findEnvironment(ctx, tx, { codeTree: ingestionTree, image, resources })),
    codeTree: ingestionTree,
    entrypoint,
    args: [],
    datasets: [...run.datasets, { name: SUBMISSION_MOUNT, tree_id: code.id, size_bytes: code.size }],
  };
}

async function metadataOf(tx: Tx, treeId: string): Promise<string | null> {
  for await (const { path } of treeEntries(tx, treeId)) if (isProgramFile(path)) return path;
  return null;
}
