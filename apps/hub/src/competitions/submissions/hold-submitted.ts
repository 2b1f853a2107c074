import { DomainError, type Resources, type submitSchema } from "@podium/shared";
import type { z } from "zod";
import { findTree, holdTree, treeEntries } from "../../data/index.ts";
import type { Tx } from "../../platform/database.ts";
import { findSession } from "../../sessions/index.ts";
import { holdCheckpoint } from "../../tracking/index.ts";
import type { RoundRow, SubmissionRow } from "../store.ts";

export type Submit = z.input<typeof submitSchema>;
type Team = { id: string; slug: string };
type Columns = Pick<SubmissionRow, "predictionsTree" | "codeTree" | "run" | "sessionId" | "checkpoint">;
/** The columns that say what is submitted, and what running it needs; null: there is nothing to run. */
export type Submitted = Partial<Columns> & { resources: Resources | null };

/**
 * Finds what a submission names, and holds it until the caller's transaction has written it down.
 * @throws DomainError `not_found`, `invalid_request`
 */
export async function holdSubmitted(tx: Tx, team: Team, round: RoundRow, input: Submit): Promise<Submitted> {
  if (input.kind === "predictions") return heldPredictions(tx, team, round, input);
  if (input.kind === "code") return heldCode(tx, team, round, input);
  const session = await findSession(tx, { id: input.session_id });
  if (!session || session.removedAt || session.teamId !== team.id || session.kind !== "train") {
    throw new DomainError("not_found", `Team "${team.slug}" has no training session ${input.session_id}.`);
  }
  const checkpoint = await holdCheckpoint(tx, session, input.checkpoint);
  return {
    sessionId: session.id,
    checkpoint: { name: checkpoint.name, tree_id: checkpoint.treeId },
    resources: inRound(session.resources, round),
  };
}

/** What the round gives of memory; the rest is what the code was trained with, or asks for. */
function inRound(resources: Resources, { definition }: RoundRow): Resources {
  return { ...resources, memory_bytes: definition.limits.memory_bytes, shm_bytes: null };
}

async function heldPredictions(
  tx: Tx,
  team: Team,
  { definition: { limits } }: RoundRow,
  input: Extract<Submit, { kind: "predictions" }>,
): Promise<Submitted> {
  const tree = (await holdTree(tx, input.tree_id, [team.id])) ? await findTree(tx, input.tree_id) : null;
  if (!tree)
    throw new DomainError(
      "not_found",
      `Your team has no tree ${input.tree_id}. Push the prediction file first.`,
    );
  if (tree.files !== 1)
    throw new DomainError(
      "invalid_request",
      `Submit exactly one prediction file; this tree has ${tree.files}.`,
    );
  if (tree.size > limits.file_bytes)
    throw new DomainError(
      "payload_too_large",
      `The prediction file has ${tree.size} bytes; this round takes ${limits.file_bytes}, decompressed.`,
    );
  return { predictionsTree: tree.id, resources: null };
}

async function heldCode(
  tx: Tx,
  team: Team,
  round: RoundRow,
  input: Extract<Submit, { kind: "code" }>,
): Promise<Submitted> {
  if (!(await holdTree(tx, input.tree_id, [team.id])))
    throw new DomainError("not_found", `Your team has no tree ${input.tree_id}. Push the code first.`);
  const { entrypoint = "main.py", image } = input;
  if (!round.ingestionTree && !(await hasFile(tx, input.tree_id, entrypoint)))
    throw new DomainError(
      "invalid_request",
      `There is no file "${entrypoint}" in the code. Push the folder that it is in, or name another entrypoint.`,
    );
  const resources = inRound(input.resources as Resources, round);
  return {
    codeTree: input.tree_id,
    run: { entrypoint, ...(image === undefined ? {} : { image }), resources },
    resources,
  };
}

async function hasFile(tx: Tx, treeId: string, path: string): Promise<boolean> {
  for await (const entry of treeEntries(tx, treeId)) if (entry.path === path) return true;
  return false;
}
