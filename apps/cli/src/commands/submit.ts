import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf } from "../command.ts";
import { parseGpus, parseNumber } from "../quantities.ts";
import { finishWith } from "../watch-session.ts";
import { reportSubmission, waitForScore } from "../watch-submission.ts";
import { bodyOf, type SubmitOptions } from "../what-to-submit.ts";

interface Options extends SubmitOptions {
  detach?: boolean;
  json?: boolean;
}

export function submitCommand(cli: Cli): Command {
  return leaf(
    "submit",
    "submit a checkpoint, a prediction file or code to a competition",
    "podium submit SESSION CHECKPOINT: the platform runs the session's infer over the hidden inputs and scores the answers; the competition is found by the session's dataset.\n" +
      "podium submit --predictions FILE -c COMPETITION: scores a file that you made.\n" +
      "podium submit --code FOLDER -c COMPETITION: the platform runs the code over the hidden inputs.\n" +
      "With -t each of these is tried on the round's public sample: no try is used up, and you see the log and the first ten predictions.\n\n" +
      "Waits for the score; the exit code is 0 when it was scored, 1 when it failed. Ctrl-C only stops waiting.",
  )
    .usage(
      "[options] <session> <checkpoint>  |  --predictions <file> -c <competition>  |  --code <folder> -c …",
    )
    .argument("[session]", "owner/dataset/N or id")
    .argument("[checkpoint]", "name of the checkpoint: podium models SESSION lists them")
    .option("-c, --competition <name>", "the competition, when the session's dataset doesn't say it")
    .option("-t, --trial", "try it on the round's public sample")
    .option("--predictions <file>", "ids and predictions: CSV, JSONL, Parquet or npy, also with .gz")
    .option("--code <folder>", "code that predicts; the round must take submissions of kind code")
    .option("-e, --entry <file>", "of the code: the script to run", "main.py")
    .option("--image <image>", "of the code: container image to run in")
    .addOption(
      new Option("-g, --gpus <number>", "of the code: GPUs")
        .default({ gpus: 0, milli: 1000 }, "0")
        .argParser(parseGpus),
    )
    .option("--cpus <number>", "of the code: CPUs", parseNumber, 1)
    .option("-m, --memo <text>", "a note, for you and the organizer")
    .option("--team <team>", "the team that submits (default: the one of yours that takes part)")
    .option("--detach", "don't wait for the score")
    .action(async (session: string | undefined, checkpoint: string | undefined, options: Options) => {
      const { name, body } = await bodyOf(cli, session, checkpoint, options);
      const params = { path: { name } };
      const submission = await ok(
        cli.api().POST("/api/v1/competitions/{name}/submissions", { params, body }),
      );
      if (options.detach) return reportSubmission(cli, submission, options);
      finishWith(await waitForScore(cli, submission, options));
    });
}
