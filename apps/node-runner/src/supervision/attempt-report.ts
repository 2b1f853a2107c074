import type { Assignment, AttemptReport } from "@podium/shared";
import { type AttemptState, shownPhase } from "./attempt-state.ts";

/** What the hub is told of an attempt. `ended` only once it has every record (`drained`). */
export function reportOf(
  { attempt_id, epoch, session }: Assignment,
  state: AttemptState,
  drained: boolean,
  replica: NonNullable<AttemptReport["replica"]>,
): AttemptReport {
  const { started_at, ended_at, exit_code, failure, final_seq, was_ended } = state;
  const open = shownPhase(state);
  const ready = open === "running" && replica.ready;
  return {
    attempt_id,
    epoch,
    state: drained ? "ended" : open,
    started_at,
    ended_at,
    exit_code,
    failure,
    final_seq: drained ? final_seq : null,
    was_ended: drained ? was_ended : null,
    replica: session.kind === "serve" ? { ...replica, ready } : null,
  };
}
