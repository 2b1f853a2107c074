import type { Observation } from "../observation.ts";
import { type Invariant, isLive } from "./invariant.ts";

const ENDED = ["scored", "failed"];
/** As the base's competition has them. */
const MOST_TRIES = 4;

/**
 * Invariant 3: a submission is scored once and ends once, limits hold, and a fault of the platform costs its entrant
 * neither a try nor a credit.
 */
export const submissionsEndOnce: Invariant = (now, before) => [
  ...now.submissions.flatMap((submission) => {
    const { id, state, score, scores, scored } = submission;
    const was = before.submissions.find((each) => each.id === id);
    if (was && ENDED.includes(was.state) && !Bun.deepEquals(was, submission))
      return `invariant 3: ${id} was ${was.state} and became ${state}`;
    if (scores > 1) return `invariant 3: ${id} has ${scores} scores`;
    if (state === "scored" && (scores !== 1 || score !== scored))
      return `invariant 3: ${id} is scored with ${score}, and its score is ${scored}`;
    if (state !== "scored" && scores > 0) return `invariant 3: ${id} is ${state} and has a score`;
    return [];
  }),
  ...now.submissions.flatMap((submission) => {
    if (submission.state !== "failed" || !submission.platform_fault) return [];
    if (!submission.refunded)
      return `invariant 3: ${submission.id} failed by a fault of the platform and counts`;
    const cost = costOf(now, submission.infer_session_id);
    return cost === 0
      ? []
      : `invariant 3: ${submission.id} failed by a fault of the platform and costs ${cost}`;
  }),
  ...now.tries.flatMap(({ all }) =>
    all > MOST_TRIES ? `invariant 3: an entrant has ${all} tries in a round` : [],
  ),
];

/** What a session has cost so far, microcredits. */
function costOf({ attempts, slices }: Observation, sessionId: string | null): number {
  const own = new Set(
    attempts.filter((each) => each.session_id === sessionId && !isLive(each)).map(({ id }) => id),
  );
  return slices
    .filter(({ attempt_id }) => own.has(attempt_id))
    .reduce((sum, { settled, refunded }) => sum + (settled ?? 0) - refunded, 0);
}
