import type { Cli } from "./cli.ts";
import { enteredTeam } from "./entered-team.ts";
import { CliError, EXIT } from "./errors.ts";
import { competitionOf } from "./find-competition.ts";
import { push } from "./push.ts";
import { findSession } from "./session-ref.ts";
import { asBody, type Body } from "./types.ts";

export interface SubmitOptions {
  competition?: string;
  predictions?: string;
  code?: string;
  trial?: boolean;
  memo?: string;
  team?: string;
  entry: string;
  image?: string;
  gpus: { gpus: number; milli: number };
  cpus: number;
}

type Submit = Body<"/api/v1/competitions/{name}/submissions">;

/** What is handed in, and to which competition; files are pushed on the way. Throws a `CliError` that says what to name. */
export async function bodyOf(
  cli: Cli,
  reference: string | undefined,
  checkpoint: string | undefined,
  options: SubmitOptions,
): Promise<{ name: string; body: Submit }> {
  const { trial, memo, predictions, code } = options;
  if ([reference, predictions, code].filter((each) => each !== undefined).length > 1)
    throw new CliError("Give a session and checkpoint, or --predictions FILE, or --code FOLDER.", EXIT.usage);
  const any = { trial, memo };
  const teamOf = async (name: string) => options.team ?? (await enteredTeam(cli, name));
  if (predictions !== undefined) {
    const name = named(options, "file");
    const team = await teamOf(name);
    const { tree_id } = await push(cli, predictions, team);
    return { name, body: asBody({ kind: "predictions", ...any, team, tree_id }) };
  }
  if (code !== undefined) {
    const name = named(options, "code");
    const team = await teamOf(name);
    const { tree_id } = await push(cli, code, team);
    const { entry: entrypoint, image, gpus, cpus } = options;
    const resources = { gpus: gpus.gpus, gpu_milli: gpus.milli, cpu_milli: Math.round(cpus * 1000) };
    return { name, body: asBody({ kind: "code", ...any, team, tree_id, entrypoint, image, resources }) };
  }
  if (reference === undefined || checkpoint === undefined) {
    throw new CliError(
      "Name what to submit: podium submit SESSION CHECKPOINT, or podium submit --predictions FILE -c COMPETITION",
      EXIT.usage,
    );
  }
  const session = await findSession(cli, reference);
  const name = options.competition ?? (await competitionOf(cli, session));
  const team = await teamOf(name);
  return { name, body: asBody({ kind: "checkpoint", ...any, team, session_id: session.id, checkpoint }) };
}

function named({ competition }: SubmitOptions, what: string): string {
  if (competition !== undefined) return competition;
  throw new CliError(`Name the competition of the ${what}: -c NAME`, EXIT.usage);
}
