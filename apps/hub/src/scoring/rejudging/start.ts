import { DomainError, type Id } from "@podium/shared";
import { type CompetitionRow, lockRound, type RoundRow, recordChange } from "../../competitions/index.ts";
import { holdTree, sharedFile } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { judgingOf, scorerVersion } from "../judging.ts";
import { insertRejudging, type RejudgingRow, takeIn } from "./store.ts";

export interface NewRejudging {
  reason: string;
  /** Trees of the organizer's; undefined: the round's own. */
  labels?: string | undefined;
  scorer?: string | undefined;
}

/**
 * Begins to score a round's submissions again, aside: nothing that anybody sees changes until it is applied. Their
 * times of submission stay. For the organizer, which the caller has made sure of.
 * @throws DomainError `conflict` when one is under way, or the round has not opened; `invalid_bundle`
 */
export async function startRejudging(
  ctx: Context,
  tx: Tx,
  competition: CompetitionRow,
  roundId: string,
  input: NewRejudging,
): Promise<RejudgingRow> {
  const round = await lockRound(tx, roundId);
  if (!round || round.state === "upcoming")
    throw new DomainError("conflict", "This round has not opened yet: edit the contest instead.");
  await checkTrees(tx, competition, round, input);
  const labelsTree = input.labels ?? round.labelsTree;
  const scorerTree = input.scorer ?? round.scorerTree;
  const { definition } = competition;
  const row: RejudgingRow = {
    id: ctx.ids.next("rejudging"),
    competitionId: competition.id,
    roundId,
    state: "scoring",
    reason: input.reason,
    labelsTree,
    scorerTree,
    scorerVersion: scorerVersion(
      judgingOf({ definition, round: { ...round, labelsTree, scorerTree } }, false),
    ),
    previousLabelsTree: round.labelsTree,
    previousScorerTree: round.scorerTree,
    applyRequestedAt: null,
    movedAt: null,
    calls: 0,
    calledAt: null,
    refusedBy: null,
    createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    createdAt: ctx.clock.now(),
    endedAt: null,
  };
  if (!(await insertRejudging(tx, row)))
    throw new DomainError(
      "conflict",
      "A rejudging of this round is under way. Apply or cancel it first: podium competition rejudgings.",
    );
  const submissions = await takeIn(tx, row);
  const details = {
    rejudging: row.id,
    submissions,
    labels: Boolean(input.labels),
    scorer: Boolean(input.scorer),
  };
  const change = { competitionId: competition.id, roundId, action: "rejudging_started" };
  await recordChange(ctx, tx, { ...change, reason: input.reason, details });
  await emit(ctx, tx, { type: "rejudging.due", rejudging_id: row.id as Id<"rejudging"> });
  return row;
}

async function checkTrees(tx: Tx, competition: CompetitionRow, round: RoundRow, input: NewRejudging) {
  for (const [what, tree] of [
    ["labels", input.labels],
    ["scorer", input.scorer],
  ] as const) {
    if (tree !== undefined && !(await holdTree(tx, tree, [competition.teamId])))
      throw new DomainError(
        "invalid_bundle",
        `The organizer's team has no tree ${tree} for the ${what}. Push it first.`,
      );
  }
  if (input.scorer !== undefined && !competition.definition.scorer)
    throw new DomainError("invalid_bundle", "This contest is scored by built-in metrics: it has no program.");
  const leak = input.labels === undefined ? null : await sharedFile(tx, input.labels, round.inputsTree);
  if (leak !== null)
    throw new DomainError("invalid_bundle", `"${leak}" of the round's inputs is the labels file.`);
}
