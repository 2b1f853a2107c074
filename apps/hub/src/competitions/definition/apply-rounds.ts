import type { CompetitionDefinition, Id } from "@podium/shared";
import { discardDataset, replaceData } from "../../data/index.ts";
import { asSystem, type Context, type Membership } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { type RoundRow, updateRound } from "../store.ts";
import { addRound, treeColumns } from "./add-round.ts";
import type { PlannedRound } from "./plan-rounds.ts";
import { deleteRound, setAside } from "./store.ts";

interface Edited {
  competitionId: string;
  team: Pick<Membership, "id" | "slug">;
  definition: CompetitionDefinition;
  /** The rounds as they are, locked. */
  rows: readonly RoundRow[];
  plan: readonly PlannedRound[];
}

/** Makes the rounds what the plan says; that their states allow it has been decided. */
export async function applyRounds(ctx: Context, tx: Tx, edited: Edited): Promise<void> {
  const { competitionId, team, definition, rows, plan } = edited;
  const kept = new Set(plan.flatMap(({ now }) => (now ? [now.row.id] : [])));
  for (const row of rows.filter(({ id }) => !kept.has(id))) {
    await deleteRound(tx, row.id);
    await discardDataset(tx, row.datasetId);
  }
  const moving = plan.flatMap(({ now, number }) => (now && now.row.number !== number ? [now.row.id] : []));
  await setAside(tx, moving);
  for (const each of plan) {
    if (each.now) await changeRound(ctx, tx, each, each.now);
    else {
      const { definition: round, number, data } = each;
      const id = await addRound(ctx, tx, { competitionId, team, definition, round, number, data });
      if (!round.opens_at && isItsTurn(plan, number)) await updateRound(tx, id, { opensAt: ctx.clock.now() });
    }
  }
}

async function changeRound(
  ctx: Context,
  tx: Tx,
  { definition, number, data }: PlannedRound,
  { row, data: old }: NonNullable<PlannedRound["now"]>,
): Promise<void> {
  const same = (key: "opens_at" | "closes_at") => definition[key] === row.definition[key];
  await updateRound(tx, row.id, {
    definition,
    number,
    ...treeColumns(data),
    // A round that was extended closes later than its definition said: only an edit of that time moves it.
    ...(same("closes_at") ? {} : { closesAt: definition.closes_at ? new Date(definition.closes_at) : null }),
    ...(same("opens_at") ? {} : { opensAt: definition.opens_at ? new Date(definition.opens_at) : null }),
  });
  if (row.state === "upcoming") {
    // Private datasets are their author's alone; who may edit the contest has been decided.
    if (data.train !== old.train)
      await replaceData(asSystem(ctx), tx, { datasetId: row.datasetId, treeId: data.train });
    return;
  }
  if (Bun.deepEquals(definition, row.definition)) return;
  await emit(ctx, tx, {
    type: "round.changed",
    competition_id: row.competitionId as Id<"competition">,
    round_id: row.id as Id<"round">,
  });
}

/** True when no round before it is still to come or to end. */
function isItsTurn(plan: readonly PlannedRound[], number: number): boolean {
  return plan.every((each) => each.number >= number || each.now?.row.state === "closed");
}
