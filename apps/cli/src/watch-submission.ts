import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { EXIT } from "./errors.ts";
import { printLogs, untilInterrupted } from "./follow.ts";
import { ChangeStream } from "./live.ts";
import { printable } from "./output.ts";
import { formatNumber, formatTime } from "./quantities.ts";
import { findSession } from "./session-ref.ts";
import type { Submission } from "./types.ts";

const LOOK_AGAIN_MS = 2_000;

interface Options {
  json?: boolean;
}

/** Shows each state as it comes, then how it ended. Gives the exit code. */
export async function waitForScore(cli: Cli, accepted: Submission, options: Options): Promise<number> {
  const ended = await untilInterrupted(async (signal) => {
    const stream = new ChangeStream(cli.api(), `/api/v1/competitions/${accepted.competition}/stream`);
    signal.addEventListener("abort", () => stream.close(), { once: true });
    try {
      return await watch(cli, accepted, stream, signal);
    } finally {
      stream.close();
    }
  });
  if (ended === null) {
    cli.out.note(`Left. The submission goes on: podium competition submissions ${accepted.competition}`);
    return EXIT.interrupted;
  }
  if (ended.trial && !options.json) await showTrial(cli, ended);
  reportSubmission(cli, ended, options);
  return ended.state === "scored" ? 0 : EXIT.failed;
}

/** Null when the signal broke it off. */
async function watch(
  cli: Cli,
  accepted: Submission,
  stream: ChangeStream,
  signal: AbortSignal,
): Promise<Submission | null> {
  const { out } = cli;
  let shown = "";
  for (let current = accepted; !signal.aborted; ) {
    const text = `${current.competition} ${current.round} #${current.number}: ${describeState(current)}`;
    if (text !== shown) out.note(out.paint("dim", text));
    shown = text;
    if (current.state === "scored" || current.state === "failed") return current;
    await stream.next(LOOK_AGAIN_MS);
    if (signal.aborted) break;
    current = await ok(cli.api().GET("/api/v1/submissions/{id}", { params: { path: { id: accepted.id } } }));
  }
  return null;
}

/** A submission's state with its place, as far as it waits: `inferring, place 3 of those that wait, from about 14:05`. */
export function describeState({ state, queue, trial }: Submission): string {
  const what = trial && state === "queued" ? "trial run queued" : state;
  if (queue === null) return what;
  const when = queue.starts_at === null ? "" : `, from about ${formatTime(queue.starts_at)}`;
  return `${WAITS[queue.waits_for] ?? what}, place ${queue.position} of those that wait${when}`;
}

const WAITS: Partial<Record<NonNullable<Submission["queue"]>["waits_for"], string>> = {
  scorer_node: "waiting for a place to be scored",
};

/** The log and the first predictions of a trial run, which are its entrant's to see. */
async function showTrial(cli: Cli, { id, session, state }: Submission): Promise<void> {
  if (session !== null) {
    const ran = await findSession(cli, session);
    await printLogs(cli, ran, 0, (text) => cli.out.line(printable(text)));
  }
  if (state === "failed") return;
  const { file, lines } = await ok(
    cli.api().GET("/api/v1/submissions/{id}/predictions", { params: { path: { id } } }),
  );
  cli.out.note(
    cli.out.paint("dim", lines.length > 0 ? `First predictions (${file}):` : `${file} is no text.`),
  );
  for (const line of lines) cli.out.line(printable(line));
}

/** How a submission ended, or what it is called while it goes on. */
export function reportSubmission(cli: Cli, submission: Submission, options: Options): void {
  if (options.json) cli.out.json(submission);
  else cli.out.line(describeEnd(cli, submission));
}

function describeEnd(cli: Cli, submission: Submission): string {
  const { id, state, score, failure, trial } = submission;
  const on = trial ? " on the sample; a trial run is no try" : "";
  if (state === "scored") return cli.out.paint("green", `Score: ${formatNumber(score)}${on}`);
  if (state !== "failed") return id;
  const reason = `Failed (${failure?.code ?? "unknown"}): ${printable(failure?.message ?? "no reason was given")}`;
  return `${cli.out.paint("red", reason)}\n${priceOf(submission)}`;
}

function priceOf({ trial, refunded }: Submission): string {
  if (trial) return refunded ? "It cost no credit, and is no try." : "A trial run is no try.";
  return refunded ? "It cost neither credit nor a try." : "It counts as a try.";
}
