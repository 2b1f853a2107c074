import type { CompetitionDefinition, Id, RoundData, RoundDefinition } from "@podium/shared";
import { addVersion, createDataset } from "../../data/index.ts";
import type { Context, Membership } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { insertRound } from "../store.ts";
import { checkRoundData } from "./check-data.ts";

interface NewRound {
  competitionId: string;
  team: Pick<Membership, "id" | "slug">;
  definition: CompetitionDefinition;
  round: RoundDefinition;
  number: number;
  data: RoundData;
}

/** Adds a round that is still to open, with its training data as a dataset. @throws DomainError as `checkRoundData` */
export async function addRound(ctx: Context, tx: Tx, given: NewRound): Promise<Id<"round">> {
  const { competitionId, team, definition, round, number, data } = given;
  await checkRoundData(ctx, tx, given);
  // Private until the round opens: entrants are granted it then.
  const datasetId = await createDataset(ctx, tx, {
    teamId: team.id,
    name: `${definition.name}-${round.name}`,
    description: `Training data of ${definition.name}, ${round.name}`,
    visibility: "private" as const,
  });
  await addVersion(ctx, tx, { datasetId, treeId: data.train });
  const id = ctx.ids.next("round");
  await insertRound(tx, {
    id,
    competitionId,
    number,
    name: round.name,
    state: "upcoming",
    definition: round,
    datasetId,
    ...treeColumns(data),
    opensAt: round.opens_at ? new Date(round.opens_at) : null,
    closesAt: round.closes_at ? new Date(round.closes_at) : null,
  });
  return id;
}

/** A round's trees as its columns; the training data is a dataset of its own. */
export function treeColumns(data: RoundData) {
  return {
    inputsTree: data.inputs,
    labelsTree: data.labels,
    sampleInputsTree: data.sample?.inputs ?? null,
    sampleLabelsTree: data.sample?.labels ?? null,
    scorerTree: data.scorer ?? null,
    ingestionTree: data.ingestion ?? null,
  };
}
