import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { treeOf } from "./commands/dataset-pull.ts";
import { ensureDataset } from "./commands/dataset-push.ts";
import { ownDataset, readableDataset, refuseVersion } from "./dataset-ref.ts";
import { CliError } from "./errors.ts";
import { type Feed, feedRows } from "./feed-rows.ts";
import { pullTree } from "./fetch-tree.ts";
import { push } from "./push.ts";
import { readTable } from "./read-table.ts";

const ROWS = /\.(csv|jsonl|json)$/i;
/** A number as JSON writes it, that a double holds exactly enough to be written the same. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

interface Job {
  /** the endpoint's name, by which an interrupted call finds its work again */
  endpoint: string;
  url: string;
  key: string | undefined;
  dataset: string;
  output: string;
  atOnce: number;
}

/**
 * Has an endpoint predict every row of a dataset's version and keeps the predictions as a version of another: for each
 * file of rows one of the same name, `.predictions.jsonl`, a line a row. Interrupted, the same call goes on.
 */
export async function inferDataset(cli: Cli, job: Job) {
  const target = await ownDataset(cli, job.output);
  refuseVersion(target, job.output);
  const source = await readableDataset(cli, job.dataset);
  const tree = await treeOf(cli, source);
  const work = join(cli.env.cacheFolder, "infer", Bun.hash(`${tree} ${job.url} ${job.output}`).toString(36));
  const [input, output] = [join(work, "input"), join(work, "output")];
  await pullTree(cli, tree, input, { force: true });
  const files = filesOfRows(input);
  if (files.length === 0)
    throw new CliError(`${job.dataset} has no file of rows: .csv, .jsonl or .json with a list.`);
  let rows = 0;
  for (const file of files) {
    const all = readRows(join(input, file));
    const path = join(output, `${file}.predictions.jsonl`);
    mkdirSync(dirname(path), { recursive: true });
    await feedRows(all, path, feedOf(cli, job, file));
    rows += all.length;
  }
  const pushed = await push(cli, output, target.team);
  const dataset = await ensureDataset(cli, target.team, target.name, { tag: [], note: "" });
  const params = { path: { team: dataset.team, name: target.name } };
  const note = `${job.endpoint} on ${source.team}/${source.name} (${tree})`;
  const body = { tree_id: pushed.tree_id, note };
  const version = await ok(cli.api().POST("/api/v1/datasets/{team}/{name}/versions", { params, body }));
  rmSync(work, { recursive: true, force: true });
  cli.out.progress("");
  return { dataset: `${dataset.team}/${target.name}@${version.number}`, files: files.length, rows };
}

function feedOf(cli: Cli, { url, key, atOnce }: Job, file: string): Feed {
  return {
    ...{ url, key, atOnce },
    onProgress: (text) => cli.out.progress(`${file}: ${text}`),
    sleep: (ms) => Bun.sleep(ms),
  };
}

function filesOfRows(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ROWS.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Rows of a file: a CSV line is an object by the header, whose cells that look like numbers are numbers. */
function readRows(path: string): unknown[] {
  if (/\.json$/i.test(path)) {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(value) ? value : [value];
  }
  const isCsv = /\.csv$/i.test(path);
  return readTable(path).rows.map(({ values }) =>
    isCsv ? Object.fromEntries(Object.entries(values).map(([name, cell]) => [name, numeric(cell)])) : values,
  );
}

function numeric(cell: unknown): unknown {
  if (typeof cell !== "string" || !NUMBER.test(cell)) return cell;
  const number = Number(cell);
  const isExact = !/^-?\d+$/.test(cell) || Number.isSafeInteger(number);
  return isExact ? number : cell;
}
