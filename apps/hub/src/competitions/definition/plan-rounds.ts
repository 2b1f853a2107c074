import type { CompetitionDefinition, DefinitionChange, RoundData, RoundDefinition } from "@podium/shared";
import { DomainError } from "@podium/shared";
import type { RoundRow } from "../store.ts";
import { treesOf } from "./check-data.ts";

/** A round as the edited definition has it, and as it is. */
export interface PlannedRound {
  definition: RoundDefinition;
  number: number;
  data: RoundData;
  /** null: the round is new */
  now: { row: RoundRow; data: RoundData } | null;
}

/** A round and its training data's tree. */
export interface RoundWithData {
  round: RoundRow;
  train: string;
}

/**
 * Each round of the edited definition with its trees: those that were sent, or else those that it has.
 * @throws DomainError `invalid_bundle` for a new round without data
 */
export function planRounds(
  definition: CompetitionDefinition,
  present: readonly RoundWithData[],
  sent: readonly RoundData[],
): PlannedRound[] {
  return definition.rounds.map((round, index) => {
    const found = present.find((each) => each.round.name === round.name);
    const now = found ? { row: found.round, data: dataOf(found) } : null;
    const given = sent.find((each) => each.round === round.name);
    const data = given ?? (now && stillNamed(definition, round, now.data));
    if (!data)
      throw new DomainError(
        "invalid_bundle",
        `Round "${round.name}" is new and has no data: push its folders first (podium competition edit does).`,
      );
    return { definition: round, number: index + 1, data, now };
  });
}

/** The trees of a round as `create` was given them. */
export function dataOf({ round, train }: RoundWithData): RoundData {
  const { inputsTree, labelsTree, sampleInputsTree, sampleLabelsTree, scorerTree, ingestionTree } = round;
  return {
    round: round.name,
    train,
    inputs: inputsTree,
    labels: labelsTree,
    ...(sampleInputsTree && sampleLabelsTree
      ? { sample: { inputs: sampleInputsTree, labels: sampleLabelsTree } }
      : {}),
    ...(scorerTree ? { scorer: scorerTree } : {}),
    ...(ingestionTree ? { ingestion: ingestionTree } : {}),
  };
}

/** What of its trees the edited definition still names. */
function stillNamed(definition: CompetitionDefinition, round: RoundDefinition, data: RoundData): RoundData {
  const { sample, scorer, ingestion, ...always } = data;
  return {
    ...always,
    ...(sample && round.sample ? { sample } : {}),
    ...(scorer && definition.scorer ? { scorer } : {}),
    ...(ingestion && definition.ingestion ? { ingestion } : {}),
  };
}

/** Rounds that are there and get other files, in words: no tree is named. */
export function changedData(plan: readonly PlannedRound[]): DefinitionChange[] {
  return plan.flatMap(({ definition, data, now }) => {
    if (!now) return [];
    const before = new Map(treesOf(now.data));
    const after = new Map(treesOf(data));
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
      const [was, is] = [before.get(what), after.get(what)];
      if (was === is) return [];
      return [
        {
          path: `rounds.${definition.name}.${what.replaceAll(" ", "_")}`,
          ...(was ? { before: "(the files so far)" } : {}),
          ...(is ? { after: was ? "(other files)" : "(new files)" } : {}),
        },
      ];
    });
  });
}
