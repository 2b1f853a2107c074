import {
  type CompetitionDefinition,
  PRIMARY_KEY,
  type RoundDefinition,
  type ScoreSplit,
} from "@podium/shared";
import { sha256 } from "../platform/secrets.ts";
import { columnsByKind } from "./columns-by-kind.ts";

/** Raised when the definition of a metric or the way files are read changes, so that both can be told apart. */
const GENERATION = "podium-3";

/** All that a score depends on besides the predictions. */
export interface Judging {
  readonly definition: CompetitionDefinition;
  readonly round: RoundDefinition;
  readonly labelsTree: string;
  /** The organizer's program; null: built-in metrics alone. */
  readonly scorerTree: string | null;
  /** Undefined: all rows are public. */
  readonly split: ScoreSplit | undefined;
}

interface Judged {
  readonly definition: CompetitionDefinition;
  readonly round: {
    readonly definition: RoundDefinition;
    readonly labelsTree: string;
    readonly sampleLabelsTree: string | null;
    readonly scorerTree: string | null;
  };
}

/** How a round's submissions are scored: a trial run by the labels of the public sample, all of whose rows count. */
export function judgingOf({ definition, round }: Judged, trial: boolean): Judging {
  const labelsTree = trial ? round.sampleLabelsTree : round.labelsTree;
  if (!labelsTree) throw new Error(`Round "${round.definition.name}" has lost the labels of its sample.`);
  const split = trial ? undefined : round.definition.split;
  return { definition, round: round.definition, labelsTree, scorerTree: round.scorerTree, split };
}

/** Names exactly what a score depends on besides the predictions: another name, another score. */
export function scorerVersion({ definition, round, labelsTree, scorerTree, split }: Judging): string {
  const { builtIn, custom, computed } = columnsByKind(definition);
  const program = custom.length > 0 ? programOf(definition, scorerTree) : null;
  const parts = { builtIn, custom, computed, program, labelsTree, split: split ?? null };
  const hash = sha256(canonical({ ...parts, id: round.id_field, target: round.target_field }));
  return `${GENERATION}:${definition.metric.name}:${hash.slice(0, 32)}`;
}

/** Whether the organizer's program has a say in the score. */
export function needsProgram({ definition }: Pick<Judging, "definition">): boolean {
  return columnsByKind(definition).custom.length > 0;
}

/** Whether a board of the contest is worked out from the losses of single rows. */
export function wantsLosses({ leaderboard }: CompetitionDefinition): boolean {
  return leaderboard.ladder || leaderboard.intervals;
}

/** The value that ranks. */
export function primaryOf<T>(values: Readonly<Record<string, T>>): T {
  const value = values[PRIMARY_KEY];
  if (value === undefined) throw new Error("A score was made without the column that ranks.");
  return value;
}

function programOf({ scorer }: CompetitionDefinition, tree: string | null) {
  return { tree, convention: scorer?.convention ?? null, image: scorer?.image ?? null };
}

/** JSON with the keys of objects in order: what is equal is written alike, whoever wrote it. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
