import { DomainError } from "@podium/shared";
import { holdTree } from "../data/index.ts";
import type { Db, Tx } from "../platform/database.ts";
import { type CheckpointRow, findCheckpoint, listCheckpoints } from "./store.ts";

/** A session's checkpoint by name. @throws DomainError `not_found` that names the ones there are */
export async function requireCheckpoint(
  db: Db | Tx,
  session: { id: string; name: string },
  name: string,
): Promise<CheckpointRow> {
  const found = await findCheckpoint(db, session.id, name);
  if (found) return found;
  const names = (await listCheckpoints(db, session.id)).map((row) => row.name);
  const there =
    names.length > 0
      ? `It has: ${names.slice(0, 20).join(", ")}.`
      : "It has saved none: call podium.save() in the script.";
  throw new DomainError("not_found", `Session ${session.name} has no checkpoint "${name}". ${there}`);
}

/** As `requireCheckpoint`, for what is about to name its tree: that is not collected before the transaction has ended. */
export async function holdCheckpoint(
  tx: Tx,
  session: { id: string; name: string },
  name: string,
): Promise<CheckpointRow> {
  const found = await requireCheckpoint(tx, session, name);
  if (await holdTree(tx, found.treeId, null)) return found;
  throw new DomainError("not_found", `Checkpoint "${name}" of ${session.name} was just replaced. Try again.`);
}
