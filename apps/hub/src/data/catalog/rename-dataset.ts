import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { requireMayChange } from "./may-change.ts";
import { noDataset, readableDataset } from "./show.ts";
import { lockDataset, setName } from "./store.ts";

interface Renaming {
  team: string;
  name: string;
  to: string;
}

/**
 * Gives a dataset another name in its team. Its old name is free at once and leads nowhere: what is asked for by name is
 * then found, or not, as if it had always been so. What was made with it names it by id and keeps the name that it was
 * mounted under: sessions, their forks, studies, rounds.
 * @throws DomainError `not_found` for who may not read it, `forbidden` for who may not change it, `conflict` when the
 * team has one of that name
 */
export async function renameDataset(ctx: Context, tx: Tx, { team, name, to }: Renaming): Promise<void> {
  const { id } = await readableDataset(ctx, tx, team, name);
  const dataset = await lockDataset(tx, id);
  // Somebody may have renamed or removed it while this waited.
  if (dataset?.name !== name) throw noDataset(team, name);
  requireMayChange(ctx, dataset, `${team}/${name}`);
  if (to === name) return;
  if (!(await setName(tx, id, to)))
    throw new DomainError(
      "conflict",
      `Team ${team} has a dataset called "${to}" already. Choose another name.`,
    );
  ctx.log.info({ dataset: id, team, from: name, to, actor: ctx.actor }, "a dataset was renamed");
}
