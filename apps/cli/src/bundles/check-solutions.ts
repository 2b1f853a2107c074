import { createReadStream, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CliError } from "../errors.ts";
import type { BundleFiles } from "./bundle-files.ts";
import type { BundleReader } from "./bundle-reader.ts";
import type { ImportedBundle } from "./imported.ts";

/** Files with a row a line, whatever they are called. */
const ROWS = /\.(csv|tsv|txt|jsonl|predict|predictions|solution|labels)$/i;

interface Rows {
  name: string;
  first: string;
  count: number;
}

/** A solution that comes with a bundle must have as many rows as the truth that it is compared with. */
export async function checkSolutions(
  bundle: ImportedBundle,
  files: BundleFiles,
  reader: BundleReader,
): Promise<void> {
  const tasks = new Set(bundle.phases.flatMap(({ task }) => task ?? []));
  for (const { file, path, tasks: indexes } of bundle.solutions) {
    const solution = await rowsOf(files, file, (message) => reader.problem(path, message));
    if (!solution) continue;
    for (const task of tasks) {
      if (!indexes.includes(task.index)) continue;
      // What is wrong with the truth itself is told where it is named.
      const truth = task.reference && (await rowsOf(files, task.reference.file, () => undefined));
      if (!truth) continue;
      // One of both may have a header.
      const most = solution.first === truth.first ? 0 : 1;
      if (Math.abs(solution.count - truth.count) > most)
        reader.problem(
          path,
          `${solution.name} has ${solution.count} lines and ${truth.name} of task ${task.index} has ${truth.count}: make it again from this task's input_data`,
        );
    }
  }
}

/** The lines of a part's one file of rows; null when it has none, or several. */
async function rowsOf(
  files: BundleFiles,
  name: string,
  problem: (message: string) => void,
): Promise<Rows | null> {
  try {
    const path = await files.locate(name);
    const found = lstatSync(path).isDirectory()
      ? readdirSync(path)
          .filter((each) => ROWS.test(each) && !/^(readme|metadata)/i.test(each))
          .map((each) => join(path, each))
      : [path].filter((each) => ROWS.test(each));
    const [only] = found;
    return found.length === 1 && only !== undefined ? await countLines(only) : null;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    problem(error.message);
    return null;
  }
}

async function countLines(path: string): Promise<Rows> {
  let [count, first] = [0, ""];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.trim() === "") continue;
    if (count === 0) first = line.trim();
    count += 1;
  }
  return { name: path.split("/").at(-1) ?? path, first, count };
}
