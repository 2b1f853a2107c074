import { type CompetitionDefinition, columnsOf, type RoundDefinition } from "@podium/shared";

/** More tries than a rehearsal needs are not used up one by one. */
const SPARE_TRIES = 8;
/** Every failure of a rehearsal is meant, and none may use up a try. */
const FREE_FAILURES = 1_000;

/** Whether the organizer's own program has a say in the score. */
export const hasOwnScorer = (definition: CompetitionDefinition) =>
  columnsOf(definition).some(({ metric }) => metric.name === "custom");

/** How many tries of a day, or in all, a round's rehearsal has; `tries` is what it needs before it looks for the limit. */
export function triesOf({ limits }: RoundDefinition, tries: number): number {
  const most = Math.min(limits.per_day, limits.total);
  return most > tries && most <= tries + SPARE_TRIES ? most : tries + 1;
}

/** The definition as it is rehearsed: the same scoring, with no waiting between tries, and with tries that can be used up. */
export function staged(definition: CompetitionDefinition, tries: number): CompetitionDefinition {
  return {
    ...definition,
    failed_submissions: { refund: true, per_day: FREE_FAILURES },
    rounds: definition.rounds.map((round) => {
      const { interval: _, ...limits } = round.limits;
      return { ...round, limits: { ...limits, per_day: triesOf(round, tries), total: FREE_FAILURES } };
    }),
  };
}
