import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { podiumDir, rootDir } from "../setup/paths.mjs";

export interface DemoOptions {
  /** The example that is played: a folder of examples/ with a demo.yaml. */
  example: string;
  /** End when the main job is done, also on a terminal. */
  once: boolean;
  /** Everything the demo makes: data, bundles, log-ins, summary.json. */
  folder: string;
}

const EXAMPLES = join(rootDir, "examples");

/** Reads `[movie-score|digits|weather] [--once] [--dir FOLDER]`. Throws an Error that says what is right. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { once: { type: "boolean", default: false }, dir: { type: "string" } },
  });
  const [example = "movie-score", ...rest] = positionals;
  const known = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, "demo.yaml")));
  if (rest.length > 0 || !known.includes(example)) {
    throw new Error(`There is no example "${positionals.join(" ")}". Known: ${known.join(", ")}.`);
  }
  return { example, once: values.once, folder: resolve(values.dir ?? join(podiumDir, "demo")) };
}
