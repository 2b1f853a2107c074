import type { Attempt } from "../../api/types.ts";

/** A moment within a sentence, shown as other times are. */
interface Moment {
  what: string;
  at: string;
}

/** Says up to where log and metrics are there, and what of lost attempts never will be. */
export function completeness(attempts: readonly Attempt[]): (string | Moment)[] {
  const last = attempts.at(-1);
  if (!last) return ["It has not been placed yet."];
  const parts: (string | Moment)[] = [];
  if (last.complete) parts.push("Log and metrics are all there.");
  else if (last.recorded_until === null) parts.push("Nothing of its log and metrics has arrived yet.");
  else parts.push("Log and metrics are complete up to ", { what: "last", at: last.recorded_until }, ".");
  for (const { number, state, ended_at, recorded_until } of attempts) {
    if (state !== "lost" || ended_at === null) continue;
    parts.push(
      ` Attempt ${number} was lost at `,
      { what: `lost ${number}`, at: ended_at },
      ": what it wrote ",
    );
    if (recorded_until === null) parts.push("is missing.");
    else parts.push("after ", { what: `until ${number}`, at: recorded_until }, " is missing.");
  }
  return parts;
}

/** How an attempt ended, in a word or two. */
export function endingOf({
  state,
  failure,
  exit_code,
  was_ended,
}: Pick<Attempt, "state" | "failure" | "exit_code" | "was_ended">): string {
  if (state !== "ended" && state !== "lost") return state;
  if (failure) return failure.code;
  if (exit_code === 0) return "well";
  return exit_code === null || was_ended ? "stopped" : `exit code ${exit_code}`;
}
