import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { treeOf } from "./commands/dataset-pull.ts";
import { ensureDataset } from "./commands/dataset-push.ts";
import { type DatasetRef, ownDataset, readableDataset, refuseVersion } from "./dataset-ref.ts";
import { CliError } from "./errors.ts";
import { type Feed, feedRows } from "./feed-rows.ts";
import { pullTree } from "./fetch-tree.ts";
import { push } from "./push.ts";
import { hasRows, openRows } from "./row-files/open-rows.ts";
import type { RowFile } from "./row-files/row-file.ts";
import { lockWork } from "./work-lock.ts";

interface Job {
  /** the endpoint's name, by which an interrupted call finds its work again */
  endpoint: string;
  url: string;
  key: string | undefined;
  dataset: string;
  output: string;
  atOnce: number;
  calls: number;
}

/**
 * Has an endpoint predict every row of a dataset's version and keeps the predictions as a version of another: for each
 * file of rows one of the same name, `.predictions.jsonl`, a line a row. Interrupted anywhere, the same call goes on: rows
 * that are predicted are not asked again, and a version that was made already is not made twice.
 */
export async function inferDataset(cli: Cli, job: Job) {
  const target = await ownDataset(cli, job.output);
  refuseVersion(target, job.output);
  const source = await readableDataset(cli, job.dataset);
  const tree = await treeOf(cli, source);
  const name = `${tree} ${job.endpoint} ${target.team}/${target.name}`;
  const work = join(cli.env.cacheFolder, "infer", Bun.hash(name).toString(36));
  mkdirSync(work, { recursive: true });
  const unlock = lockWork(join(work, "lock"));
  try {
    const made = await predictAndKeep(cli, job, { work, tree, source, target });
    rmSync(work, { recursive: true, force: true });
    cli.out.progress("");
    return made;
  } finally {
    unlock();
  }
}

interface Work {
  /** the folder that holds it */
  work: string;
  /** of the rows */
  tree: string;
  source: DatasetRef;
  target: DatasetRef;
}

async function predictAndKeep(cli: Cli, job: Job, { work, tree, source, target }: Work) {
  const [input, output] = [join(work, "input"), join(work, "output")];
  await pullTree(cli, tree, input, { force: true });
  const files = filesOfRows(input);
  if (files.length === 0)
    throw new CliError(
      `${job.dataset} has no file of rows: .csv, .jsonl, .parquet, .npy, or .json with a list.`,
    );
  // All are opened before the first call is paid for.
  const opened: RowFile[] = [];
  for (const file of files) opened.push(await naming(file, openRows(join(input, file))));
  for (const [index, rows] of opened.entries()) {
    const file = files[index] ?? "";
    const path = join(output, `${file}.predictions.jsonl`);
    mkdirSync(dirname(path), { recursive: true });
    await naming(file, feedRows(rows, path, feedOf(cli, job, file)));
  }
  const pushed = await push(cli, output, target.team);
  const dataset = await ensureDataset(cli, target.team, target.name, { tag: [], note: "" });
  const params = { path: { team: dataset.team, name: target.name } };
  const note = `${job.endpoint} on ${source.team}/${source.name} (${tree})`;
  const body = { tree_id: pushed.tree_id, note };
  const headers = { "Idempotency-Key": `infer-${Bun.hash(`${work} ${pushed.tree_id}`).toString(36)}` };
  const version = await ok(
    cli.api().POST("/api/v1/datasets/{team}/{name}/versions", { params, body, headers }),
  );
  const rows = opened.reduce((sum, { count }) => sum + count, 0);
  return { dataset: `${dataset.team}/${target.name}@${version.number}`, files: files.length, rows };
}

/** What is wrong with a file says which one it is. */
async function naming<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
}

function feedOf(cli: Cli, { url, key, atOnce, calls }: Job, file: string): Feed {
  return {
    ...{ url, key, atOnce, calls },
    onProgress: (text) => cli.out.progress(`${file}: ${text}`),
    sleep: (ms) => Bun.sleep(ms),
  };
}

function filesOfRows(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && hasRows(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
