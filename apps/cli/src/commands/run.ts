import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf } from "../command.ts";
import { CliError } from "../errors.ts";
import { untilInterrupted } from "../follow.ts";
import { push } from "../push.ts";
import {
  counted,
  formatBytes,
  parseBytes,
  parseCount,
  parseDuration,
  parseGpus,
  parseNumber,
} from "../quantities.ts";
import { scan } from "../scan.ts";
import type { Session } from "../types.ts";
import { finishWith, watch } from "../watch-session.ts";
import { splitWords } from "../words.ts";

interface Options {
  dataset: string[];
  entry: string;
  image?: string;
  gpus: { gpus: number; milli: number };
  gpuMilli?: number;
  gpuModel?: string;
  nodes: number;
  cpus: number;
  memory: number;
  shmSize?: number;
  disk: number;
  args: string[];
  memo: string;
  team?: string;
  timeout: number;
  priority: number;
  grace: number;
  retries: number;
  preemptible?: boolean;
  detach?: boolean;
  json?: boolean;
}

const collect = (value: string, previous: string[]) => [...previous, value];

export function runCommand(cli: Cli): Command {
  const command = leaf(
    "run",
    "push a folder and run it as a session",
    "Follows the logs until the session has ended; the exit code is 0 when it succeeded, 1 when it failed, 3 when it was stopped. " +
      "Ctrl-C only stops following: the session goes on. What .podiumignore (gitignore's syntax) names stays here.\n\n" +
      'Example: podium run -d movies -e main.py -a "--epochs 10" .',
  )
    .argument("[folder]", "the code to push", ".")
    .addOption(
      new Option(
        "-d, --dataset <name>",
        "dataset to mount: name, team/name or team/name@version (repeatable)",
      )
        .default([], "none")
        .argParser(collect),
    )
    .option("-e, --entry <file>", "the script to run", "main.py")
    .option("--image <image>", "container image to run in, such as python:3.12; needs a node with Docker")
    .addOption(
      new Option("-g, --gpus <number>", "GPUs; 0.5 is half of one, whose memory others can use too")
        .default({ gpus: 0, milli: 1000 }, "0")
        .argParser(parseGpus),
    )
    .addOption(
      new Option("--gpu-milli <thousandths>", "a share of one GPU: 500 is -g 0.5").argParser(parseCount),
    )
    .option("--gpu-model <model>", "only GPUs of this model; several that will do: 'H100|A100'")
    .addOption(
      new Option("--nodes <number>", "members of a gang, each with these resources; they start together")
        .default(1)
        .argParser(parseCount),
    )
    .option("-c, --cpus <number>", "CPUs; 0.5 is half of one", parseNumber, 1)
    .addOption(new Option("--memory <size>", "memory").default(512 * 1024 ** 2, "512M").argParser(parseBytes))
    .addOption(
      new Option("--disk <size>", "what the session may write, in all")
        .default(10 * 1024 ** 3, "10G")
        .argParser(parseBytes),
    )
    .addOption(
      new Option("--shm-size <size>", "size of /dev/shm (default: half the memory, 1G at most)").argParser(
        parseBytes,
      ),
    )
    .addOption(
      new Option("-a, --args <arguments>", "arguments of the script, in one string")
        .default([], "none")
        .argParser(splitWords),
    )
    .option("-m, --memo <text>", "a note to find it by", "")
    .option("--team <team>", "the team that owns and pays it (default: your personal team)");
  return lifeOptions(command)
    .option("--detach", "print the session's name and return at once")
    .action(async (folder: string, options: Options) => {
      const treeId = await pushCode(cli, folder, options);
      if (options.detach) return left(cli, await start(cli, treeId, options), options);
      // From here on Ctrl-C must not leave a session behind that nobody was told of.
      const code = await untilInterrupted(async (signal) => {
        const session = await start(cli, treeId, options);
        cli.out.note(cli.out.paint("dim", `${session.name} (${session.id})`));
        return watch(cli, session, options, signal);
      });
      finishWith(code);
    });
}

/** For how long it runs, and what becomes of it when it has to stop. */
function lifeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--timeout <duration>", "stop it after so long: 30m, 2h …")
        .default(86_400_000, "1d")
        .argParser(parseDuration),
    )
    .option("--priority <number>", "before (above 0) or after (below 0) your other sessions", Number, 0)
    .addOption(
      new Option("--grace <duration>", "how long it has to save when it is to end")
        .default(10_000, "10s")
        .argParser(parseDuration),
    )
    .option("--retries <number>", "run it again from its latest checkpoint when it fails", parseCount, 0)
    .option(
      "--preemptible",
      "may be asked for a checkpoint and queued again when something more urgent comes",
    );
}

/** What somebody reads who does not follow the log; that says of a dropped image too. */
function left({ out }: Cli, session: Session, options: Options) {
  if (options.json) return out.json(session);
  const { dropped_image: dropped } = session;
  if (dropped !== null)
    out.note(`No node here can run the image ${dropped} that the code asks for: it runs without.`);
  out.line(session.name);
}

async function pushCode(cli: Cli, folder: string, options: Options): Promise<string> {
  const files = scan(folder);
  if (!files.some((file) => file.path === options.entry)) {
    throw new CliError(
      `${folder} has no ${options.entry}. Name the script to run with -e; a folder is pushed without what .podiumignore names.`,
    );
  }
  const pushed = await push(cli, folder, options.team, files);
  if (!options.json)
    cli.out.note(
      cli.out.paint("dim", `Pushed ${counted(pushed.files, "file")}, ${formatBytes(pushed.size_bytes)}.`),
    );
  return pushed.tree_id;
}

async function start(cli: Cli, codeTree: string, options: Options): Promise<Session> {
  const { team, gpuModel, image } = options;
  return ok(
    cli.api().POST("/api/v1/sessions", {
      body: {
        ...(team === undefined ? {} : { team }),
        ...(image === undefined ? {} : { image }),
        datasets: options.dataset,
        code_tree: codeTree,
        entrypoint: options.entry,
        args: options.args,
        memo: options.memo,
        nodes: options.nodes,
        timeout_ms: options.timeout,
        priority: options.priority,
        grace_ms: options.grace,
        retries: options.retries,
        preemptible: options.preemptible ?? false,
        resources: {
          ...share(options),
          gpu_model: gpuModel ?? null,
          cpu_milli: Math.round(options.cpus * 1000),
          memory_bytes: options.memory,
          shm_bytes: options.shmSize ?? null,
          disk_bytes: options.disk,
        },
      },
    }),
  );
}

/** `--gpu-milli 500` is one GPU, and half of it. */
function share({ gpus: { gpus, milli }, gpuMilli }: Options) {
  if (gpuMilli === undefined) return { gpus, gpu_milli: milli };
  if (gpus > 1 || milli < 1000)
    throw new CliError("--gpu-milli says the share of a single GPU: leave -g out, or say -g 0.5 alone.");
  return { gpus: 1, gpu_milli: gpuMilli };
}
