import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { inferDataset } from "../infer-dataset.ts";
import { inferInHub } from "../infer-in-hub.ts";
import { printable } from "../output.ts";
import { counted, parseCount } from "../quantities.ts";
import { finishWith } from "../watch-session.ts";

interface Options extends JsonOption {
  data?: string;
  file?: string;
  key?: string;
  dataset?: string;
  output?: string;
  atOnce: number;
  calls: number;
  inHub?: boolean;
  version?: number;
  wait: boolean;
}

export function inferCommand(cli: Cli): Command {
  return leaf(
    "infer",
    "call an endpoint with JSON and print its answer",
    "A JSON array is many rows and gets an array back; anything else is one row. An endpoint's own address works without a log-in.",
  )
    .argument("<endpoint>", "its name, or its address at a gateway")
    .option("--data <json>", "the row or rows")
    .option("--file <file>", "a file that holds them; - is standard input")
    .option("--key <key>", "the endpoint's key: podium endpoint key NAME")
    .option(
      "--dataset <name>",
      "predict every row of this dataset's .csv, .jsonl, .json, .parquet and .npy files; takes --output",
    )
    .option("--output <name>", "the dataset whose next version the predictions become")
    .option("--at-once <number>", "rows of one call, of a dataset", parseCount, 256)
    .option("--calls <number>", "calls under way together, of a dataset", parseCount, 4)
    .option("--in-hub", "predict the dataset in a session of the hub, paid as any session, not by calls")
    .option("--version <number>", "the endpoint's version that predicts, --in-hub", parseCount)
    .option("--no-wait", "start it and leave, --in-hub")
    .action(async (endpoint: string, options: Options) => {
      if (options.inHub || options.version !== undefined || !options.wait)
        return inHub(cli, endpoint, options);
      if (options.dataset !== undefined) return ofDataset(cli, endpoint, options.dataset, options);
      const body = await readBody(options);
      const url = /^https?:\/\//.test(endpoint) ? endpoint : await addressOf(cli, endpoint);
      const answer = await call(url, body, options.key);
      if (options.json) cli.out.json(JSON.parse(answer));
      else cli.out.line(printable(answer));
    });
}

/** Runs in a session: Ctrl-C, or the end of this machine, leaves it running. */
async function inHub(cli: Cli, endpoint: string, options: Options): Promise<void> {
  const { dataset, output, version, wait, inHub: isMeant } = options;
  const isCall = options.data ?? options.file ?? options.key;
  if (!isMeant || dataset === undefined || output === undefined || isCall !== undefined)
    throw new CliError(
      "--in-hub goes with --dataset and --output, and without --data, --file and --key; --version and --no-wait go with it.",
      EXIT.usage,
    );
  const asked = { dataset, output, ...(version === undefined ? {} : { version }) };
  finishWith(await inferInHub(cli, endpoint, asked, { ...options, wait }));
}

/** Runs here, some calls together: Ctrl-C ends it, and the same command goes on where it was. */
async function ofDataset(cli: Cli, endpoint: string, dataset: string, options: Options): Promise<void> {
  const { output, key, atOnce, calls } = options;
  if (output === undefined || options.data !== undefined || options.file !== undefined)
    throw new CliError("--dataset goes with --output NAME, and without --data and --file.", EXIT.usage);
  const url = await addressOf(cli, endpoint);
  const made = await inferDataset(cli, { endpoint, url, key, dataset, output, atOnce, calls });
  show(
    cli,
    options,
    made,
    ({ dataset: name, files, rows }) =>
      `${name}: ${counted(rows, "prediction")} in ${counted(files, "file")}.`,
  );
}

async function readBody({ data, file }: Options): Promise<string> {
  if ((data === undefined) === (file === undefined))
    throw new CliError("Give the rows with --data JSON or --file FILE.", EXIT.usage);
  const text = data ?? (await readFile(file ?? "-"));
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new CliError(`${data === undefined ? file : "--data"} is not JSON: ${(error as Error).message}`);
  }
}

async function readFile(file: string): Promise<string> {
  if (file === "-") return Bun.stdin.text();
  if (!(await Bun.file(file).exists())) throw new CliError(`${file} does not exist.`);
  return Bun.file(file).text();
}

async function addressOf(cli: Cli, name: string): Promise<string> {
  const endpoint = await ok(cli.api().GET("/api/v1/endpoints/{name}", { params: { path: { name } } }));
  const [url] = endpoint.urls;
  if (url === undefined)
    throw new CliError("No gateway is up, so the endpoint can't be called yet. Try again in a moment.");
  return url;
}

/** Sent once, not retried: a call is charged, and only its caller knows whether it may be repeated. */
async function call(url: string, body: string, key: string | undefined): Promise<string> {
  const headers = {
    "Content-Type": "application/json",
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  };
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", headers, body });
  } catch (error) {
    throw new CliError(`${url} can't be reached: ${(error as Error).message}`);
  }
  const text = await response.text();
  if (response.ok) return text;
  throw new CliError(`The endpoint answered ${response.status}: ${reasonOf(text)}`);
}

function reasonOf(text: string): string {
  try {
    const { detail, error } = JSON.parse(text) as { detail?: unknown; error?: unknown };
    return printable(String(detail ?? error ?? text));
  } catch {
    return printable(text.slice(0, 500));
  }
}
