import { type createCompetitionSchema, DomainError, type Id } from "@podium/shared";
import type { z } from "zod";
import { addVersion, createDataset, holdTree, sharedFile, treeEntries } from "../data/index.ts";
import { type Context, isAdmin, type Membership, requireUser, resolveTeam } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { openRound } from "./open-round.ts";
import { findRound, insertCompetition, insertRound } from "./store.ts";

type CreateCompetition = z.infer<typeof createCompetitionSchema>;
type RoundData = CreateCompetition["data"][number];

/**
 * Makes a competition with all its rounds, or nothing. The first round opens at once unless it has a time.
 * @throws DomainError `forbidden` without the organizer role, `conflict` for a taken name, `invalid_bundle`
 */
export async function createCompetition(
  ctx: Context,
  tx: Tx,
  input: CreateCompetition,
): Promise<Id<"competition">> {
  const { role } = requireUser(ctx);
  if (role !== "organizer" && !isAdmin(ctx)) {
    throw new DomainError(
      "forbidden",
      "Only organizers may create competitions. Ask an administrator: podium admin role EMAIL organizer.",
    );
  }
  const team = resolveTeam(ctx, input.team);
  const { definition } = input;
  const id = ctx.ids.next("competition");
  const now = ctx.clock.now();
  const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null;
  if (
    !(await insertCompetition(tx, {
      id,
      teamId: team.id,
      name: definition.name,
      definition,
      createdBy,
      createdAt: now,
    }))
  ) {
    throw new DomainError(
      "conflict",
      `There is a competition called "${definition.name}" already. Choose another name.`,
    );
  }
  for (const [index, round] of definition.rounds.entries()) {
    const data = input.data.find((each) => each.round === round.name);
    if (!data)
      throw new DomainError(
        "invalid_bundle",
        `Round "${round.name}" has no data: push its folders first (podium competition create does).`,
      );
    await addRound(ctx, tx, { id, team, name: definition.name, number: index + 1, round, data });
  }
  const first = await findRound(tx, { competitionId: id, name: definition.rounds[0]?.name ?? "" });
  if (first && (!first.opensAt || first.opensAt <= now)) await openRound(ctx, tx, first);
  await emit(ctx, tx, { type: "competition.changed", competition_id: id });
  return id;
}

interface NewRound {
  id: Id<"competition">;
  team: Membership;
  name: string;
  number: number;
  round: CreateCompetition["definition"]["rounds"][number];
  data: RoundData;
}

async function addRound(
  ctx: Context,
  tx: Tx,
  { id, team, name, number, round, data }: NewRound,
): Promise<void> {
  for (const [what, treeId] of Object.entries({
    train: data.train,
    inputs: data.inputs,
    labels: data.labels,
  })) {
    if (!(await holdTree(tx, treeId, [team.id]))) {
      throw new DomainError(
        "invalid_bundle",
        `Round "${round.name}": team "${team.slug}" has no tree ${treeId} for its ${what}. Push it first.`,
      );
    }
  }
  await requireOneFile(tx, data.inputs, `Round "${round.name}": inputs`);
  await requireOneFile(tx, data.labels, `Round "${round.name}": labels`);
  await refuseLeak(tx, round.name, data);
  // Private until the round opens: entrants are granted it then.
  const dataset = {
    teamId: team.id,
    name: `${name}-${round.name}`,
    description: `Training data of ${name}, ${round.name}`,
    visibility: "private" as const,
  };
  const datasetId = await createDataset(ctx, tx, dataset);
  await addVersion(ctx, tx, { datasetId, treeId: data.train });
  await insertRound(tx, {
    id: ctx.ids.next("round"),
    competitionId: id,
    number,
    name: round.name,
    state: "upcoming",
    definition: round,
    datasetId,
    inputsTree: data.inputs,
    labelsTree: data.labels,
    opensAt: round.opens_at ? new Date(round.opens_at) : null,
    closesAt: round.closes_at ? new Date(round.closes_at) : null,
  });
}

async function requireOneFile(tx: Tx, treeId: string, what: string): Promise<void> {
  let found = 0;
  for await (const { path } of treeEntries(tx, treeId)) if (/\.(csv|jsonl)$/.test(path)) found += 1;
  if (found !== 1) {
    throw new DomainError(
      "invalid_bundle",
      `${what} must hold exactly one .csv or .jsonl file; there are ${found}.`,
    );
  }
}

/** Invariant 5: the hidden labels must not lie among the files that entrants or their code get. */
async function refuseLeak(tx: Tx, roundName: string, data: RoundData): Promise<void> {
  for (const what of ["train", "inputs"] as const) {
    const leak = await sharedFile(tx, data.labels, data[what]);
    if (leak !== null)
      throw new DomainError(
        "invalid_bundle",
        `Round "${roundName}": "${leak}" of its ${what} is the labels file. Entrants would see it: take it out.`,
      );
  }
}
