import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { competitionOf } from "../find-competition.ts";
import { untilInterrupted } from "../follow.ts";
import { ChangeStream } from "../live.ts";
import { printable } from "../output.ts";
import { push } from "../push.ts";
import { formatNumber } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import type { Submission } from "../types.ts";
import { finishWith } from "../watch-session.ts";

const LOOK_AGAIN_MS = 2_000;

interface Options {
  competition?: string;
  predictions?: string;
  team?: string;
  detach?: boolean;
  json?: boolean;
}

export function submitCommand(cli: Cli): Command {
  return leaf(
    "submit",
    "submit a checkpoint or a prediction file to a competition",
    "podium submit SESSION CHECKPOINT: the platform runs the session's infer over the hidden inputs and scores the answers; the competition is found by the session's dataset.\n" +
      "podium submit --predictions FILE -c COMPETITION: scores a file that you made.\n\n" +
      "Waits for the score; the exit code is 0 when it was scored, 1 when it failed. Ctrl-C only stops waiting.",
  )
    .usage("[options] <session> <checkpoint>  |  --predictions <file> -c <competition>")
    .argument("[session]", "owner/dataset/N or id")
    .argument("[checkpoint]", "name of the checkpoint: podium models SESSION lists them")
    .option("-c, --competition <name>", "the competition, when the session's dataset doesn't say it")
    .option("--predictions <file>", "a CSV or JSONL file of ids and predictions")
    .option("--team <team>", "the team that takes part (default: your personal team)")
    .option("--detach", "don't wait for the score")
    .action(async (session: string | undefined, checkpoint: string | undefined, options: Options) => {
      const submission = await submit(cli, session, checkpoint, options);
      if (options.detach) return report(cli, submission, options);
      finishWith(await waitForScore(cli, submission, options));
    });
}

async function submit(
  cli: Cli,
  reference: string | undefined,
  checkpoint: string | undefined,
  options: Options,
): Promise<Submission> {
  const team = options.team === undefined ? {} : { team: options.team };
  if (options.predictions !== undefined) {
    if (reference !== undefined)
      throw new CliError("Give a session and checkpoint, or --predictions FILE, not both.", EXIT.usage);
    if (options.competition === undefined)
      throw new CliError("Name the competition of the file: -c NAME", EXIT.usage);
    const { tree_id } = await push(cli, options.predictions, options.team);
    const body = { kind: "predictions" as const, ...team, tree_id };
    return ok(
      cli.api().POST("/api/v1/competitions/{name}/submissions", {
        params: { path: { name: options.competition } },
        body,
      }),
    );
  }
  if (reference === undefined || checkpoint === undefined) {
    throw new CliError(
      "Name what to submit: podium submit SESSION CHECKPOINT, or podium submit --predictions FILE -c COMPETITION",
      EXIT.usage,
    );
  }
  const session = await findSession(cli, reference);
  const name = options.competition ?? (await competitionOf(cli, session));
  const body = { kind: "checkpoint" as const, ...team, session_id: session.id, checkpoint };
  return ok(cli.api().POST("/api/v1/competitions/{name}/submissions", { params: { path: { name } }, body }));
}

async function waitForScore(cli: Cli, accepted: Submission, options: Options): Promise<number> {
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
  report(cli, ended, options);
  return ended.state === "scored" ? 0 : EXIT.failed;
}

/** Shows each state as it comes; null when the signal broke it off. */
async function watch(
  cli: Cli,
  accepted: Submission,
  stream: ChangeStream,
  signal: AbortSignal,
): Promise<Submission | null> {
  let shown = "";
  for (let current = accepted; !signal.aborted; ) {
    if (current.state !== shown)
      cli.out.note(
        cli.out.paint("dim", `${current.competition} ${current.round} #${current.number}: ${current.state}`),
      );
    shown = current.state;
    if (current.state === "scored" || current.state === "failed") return current;
    await stream.next(LOOK_AGAIN_MS);
    if (signal.aborted) break;
    current = await ok(cli.api().GET("/api/v1/submissions/{id}", { params: { path: { id: accepted.id } } }));
  }
  return null;
}

function report(cli: Cli, submission: Submission, options: Options): void {
  if (options.json) cli.out.json(submission);
  else cli.out.line(describe(cli, submission));
}

function describe(cli: Cli, { id, state, score, failure, refunded }: Submission): string {
  if (state === "scored") return cli.out.paint("green", `Score: ${formatNumber(score)}`);
  if (state !== "failed") return id;
  const reason = `Failed (${failure?.code ?? "unknown"}): ${printable(failure?.message ?? "no reason was given")}`;
  const price = refunded ? "It cost neither credit nor a try." : "It counts as a try.";
  return `${cli.out.paint("red", reason)}\n${price}`;
}
