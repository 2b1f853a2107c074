import { durationMs, type SessionFailure } from "@podium/shared";
import type { SessionRow } from "../../sessions/index.ts";
import type { RoundRow, SubmissionRow } from "../store.ts";
import type { SubmissionFault } from "./fail.ts";

type Session = Pick<SessionRow, "state" | "failure" | "stopReason" | "timeoutMs" | "resources">;
type Submission = Pick<SubmissionRow, "kind" | "trial">;
type Round = Pick<RoundRow, "definition" | "ingestionTree">;

/** `stop_reason` of a session whose team could not pay (see sessions/meter.ts). */
const CREDITS_EXHAUSTED = "credits_exhausted";
const MIB = 1024 ** 2;

/**
 * What an entrant is told of an inference that left no predictions: what is wrong, and what to do. The text of its own
 * exception is part of it; of a run over hidden inputs the log is not, for that could print them.
 */
export function inferFault(submission: Submission, session: Session, round: Round): SubmissionFault {
  if (session.state === "succeeded") return withoutPredictions(submission);
  const { failure } = session;
  if (failure) return ofFailure(failure, submission, session, round);
  if (session.stopReason === CREDITS_EXHAUSTED) return creditsExhausted();
  return stopped(submission, session.stopReason);
}

function withoutPredictions({ kind }: Submission): SubmissionFault {
  const then = kind === "code" ? "" : " in the code that you trained with, train and submit again";
  return {
    code: "no_predictions",
    message: `Your code ended without predictions: bind an \`infer\` function and call podium.paused(), or write predictions.jsonl into PODIUM_OUTPUT_PATH${then}.`,
    platform: false,
  };
}

/** Its team pays for it: stopping it for want of credit is no fault of ours, or running would be free. */
function creditsExhausted(): SubmissionFault {
  return {
    code: CREDITS_EXHAUSTED,
    message:
      "Your team's credit did not last for this run. Get credit (podium credit shows what is left), or predict faster, then submit again.",
    platform: false,
  };
}

function stopped({ trial }: Submission, reason: string | null): SubmissionFault {
  const because = reason ?? "without a reason";
  // A trial run is a session of the team's own, which it may stop itself.
  if (trial)
    return {
      code: "stopped",
      message: `The trial run was stopped (${because}). Make another one: podium submit -t.`,
      platform: false,
    };
  return {
    code: "stopped",
    message: `The inference was stopped (${because}). Submit again.`,
    platform: true,
  };
}

function ofFailure(
  failure: SessionFailure,
  submission: Submission,
  { timeoutMs, resources }: Session,
  round: Round,
): SubmissionFault {
  const { code } = failure;
  const { limits } = round.definition;
  const fault = (message: string, platform = false): SubmissionFault => ({ code, message, platform });
  if (code === "user_error") return { ...fault(ofCode(failure, submission, round)), code: "model_error" };
  if (code === "out_of_memory")
    return fault(
      `Your model needed more memory than this round gives, ${Math.floor(resources.memory_bytes / MIB)} MiB. Load less at a time: smaller batches, a smaller model.`,
    );
  if (code === "timeout") {
    const seconds = timeoutMs / 1000;
    const given =
      timeoutMs < durationMs(limits.infer_timeout)
        ? `${seconds} s that were left of your ${limits.credits} credits for this round`
        : `${seconds} s that this round gives`;
    return fault(
      `Your model did not end within the ${given}. Predict in larger batches, or use a smaller model.`,
    );
  }
  if (code === "disk_full")
    return fault(`${failure.message} Write less: remove temporary files while you predict.`);
  if (code === "credits_exhausted") return creditsExhausted();
  if (code === "prepare_failed") return fault(inOne(failure));
  return fault(`${inOne(failure)} It cost you nothing: submit again.`, true);
}

function ofCode(failure: SessionFailure, { kind, trial }: Submission, { ingestionTree }: Round): string {
  const what = kind === "code" ? "Your code" : "Your model";
  const under = kind === "code" && ingestionTree ? ", run by the round's ingestion program," : "";
  return `${what}${under} failed on the ${trial ? "sample" : "hidden inputs"}: ${inOne(failure)}`;
}

/** Message, place and hint, as sentences. */
function inOne({ message, location, hint }: SessionFailure): string {
  const where = location ? ` (at ${location})` : "";
  const end = /[.!?]$/.test(message) && where === "" ? "" : ".";
  return `${message}${where}${end}${hint ? ` ${hint}` : ""}`;
}
