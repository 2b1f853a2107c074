import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { parseBytes, parseCount, parseDuration, parseNumber } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import { asBody } from "../types.ts";
import { splitWords } from "../words.ts";

interface Options extends JsonOption {
  checkpoint?: string;
  fresh?: boolean;
  args?: string[];
  entry?: string;
  gpus?: number;
  cpus?: number;
  memory?: number;
  shmSize?: number;
  timeout?: number;
  memo?: string;
  team?: string;
}

export function forkCommand(cli: Cli): Command {
  return leaf(
    "fork",
    "run a session's code again from one of its checkpoints",
    "What is not said here is as it was there: code, arguments, data, image, needs. Without -c it begins from the latest " +
      "checkpoint, if there is one. Scripts that know NSML's --pause and --iteration are given them.\n\n" +
      'Example: podium fork ann/films/3 -c 12 -a "--lr 0.1"',
  )
    .argument("<session>", "owner/dataset/N or id")
    .option("-c, --checkpoint <name>", "begin from this one: podium models SESSION")
    .option("--fresh", "begin without a checkpoint")
    .addOption(new Option("-a, --args <arguments>", "other arguments, in one string").argParser(splitWords))
    .option("-e, --entry <file>", "another script to run")
    .option("-g, --gpus <number>", "GPUs", parseCount)
    .option("--cpu, --cpus <number>", "CPUs; 0.5 is half of one", parseNumber)
    .addOption(new Option("--memory <size>", "memory").argParser(parseBytes))
    .addOption(new Option("--shm-size <size>", "size of /dev/shm").argParser(parseBytes))
    .addOption(new Option("--timeout <duration>", "stop it after so long").argParser(parseDuration))
    .option("-m, --memo <text>", "a note to find it by")
    .option("--team <team>", "the team that owns and pays it")
    .action(async (reference: string, options: Options) => {
      const { id } = await findSession(cli, reference);
      const session = await ok(
        cli.api().POST("/api/v1/sessions/{id}/fork", {
          params: { path: { id } },
          body: asBody<"/api/v1/sessions/{id}/fork">(changes(options)),
        }),
      );
      show(cli, options, session, ({ name, checkpoint }) => {
        const from = checkpoint === null ? "from the beginning" : `from ${checkpoint}`;
        return `${name} begins ${from}. Follow it: podium logs -f ${name}`;
      });
    });
}

function changes({ checkpoint, fresh, args, entry, memo, team, timeout, ...needs }: Options): object {
  const { gpus, cpus, memory, shmSize } = needs;
  const resources = {
    gpus,
    cpu_milli: cpus === undefined ? undefined : Math.round(cpus * 1000),
    memory_bytes: memory,
    shm_bytes: shmSize,
  };
  const asked = Object.values(resources).some((value) => value !== undefined);
  return {
    checkpoint: fresh ? null : checkpoint,
    args,
    entrypoint: entry,
    memo,
    team,
    timeout_ms: timeout,
    resources: asked ? resources : undefined,
  };
}
