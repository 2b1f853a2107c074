import { type DatasetVersion, DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { holdTree } from "../store.ts";
import { requireMayChange } from "./may-change.ts";
import { showVersion } from "./show.ts";
import { insertVersion, listVersions, lockDataset, updateDataset } from "./store.ts";

/**
 * Adds an immutable version to a dataset; its tree must be the team's. Its number is higher than any before, those
 * of removed versions included. `createdBy`: whom the system adds it for. @throws DomainError `not_found`, `forbidden`
 */
export async function addVersion(
  ctx: Context,
  tx: Tx,
  input: { datasetId: string; treeId: string; note?: string; createdBy?: string | null },
): Promise<DatasetVersion> {
  const dataset = await lockDataset(tx, input.datasetId);
  if (!dataset) throw new DomainError("not_found", "There is no such dataset.");
  requireMayChange(ctx, dataset, `"${dataset.name}"`);
  if (!(await holdTree(tx, input.treeId, [dataset.teamId]))) {
    throw new DomainError("not_found", `Your team has no tree ${input.treeId}. Push its files first.`);
  }
  const number = dataset.lastVersion + 1;
  await updateDataset(tx, dataset.id, { lastVersion: number });
  await insertVersion(tx, {
    id: ctx.ids.next("datasetVersion"),
    datasetId: dataset.id,
    number,
    treeId: input.treeId,
    note: input.note ?? "",
    createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : (input.createdBy ?? null),
    createdAt: ctx.clock.now(),
  });
  const [added] = await listVersions(tx, dataset.id);
  if (!added) throw new Error("The version was not stored.");
  return showVersion(added);
}
