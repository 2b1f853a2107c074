import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bunPath, rootDir } from "../setup/paths.mjs";
import type { Group } from "./groups.ts";
import { type Results, readJunit, readUnittest } from "./results.ts";

export interface RunOptions {
  env: Record<string, string>;
  /** Where the JUnit file goes. */
  dir: string;
  signal: AbortSignal;
  /** takes each line of its output */
  show: (line: string) => void;
}

/** For tests that don't say themselves how long they may take. */
const TEST_TIMEOUT_MS = 30_000;

/** Runs one group in its own process, shows its output as it comes, and counts. */
export async function runGroup(group: Group, { env, dir, signal, show }: RunOptions): Promise<Results> {
  const junit = join(dir, `${group.name.replaceAll("/", "-")}.xml`);
  const [program, args] =
    group.kind === "bun" ? [bunPath(), bunArguments(group, junit)] : ["python3", group.paths];
  const { output, exitCode } = await runShown(program, args, { env, signal, show });
  if (group.kind === "python") return readUnittest(output, exitCode);
  const xml = existsSync(junit) ? readFileSync(junit, "utf8") : "";
  return readJunit(xml, exitCode, output, group.name);
}

function bunArguments(group: Group, junit: string): string[] {
  const report = ["--reporter=junit", `--reporter-outfile=${junit}`];
  // Each file gets its own global object, so what one leaves behind can't help or hurt the next.
  return [
    "test",
    `--parallel=${group.workers}`,
    `--timeout=${TEST_TIMEOUT_MS}`,
    ...report,
    ...group.paths.map((path) => `./${path}`),
  ];
}

async function runShown(
  program: string,
  args: string[],
  { env, signal, show }: Omit<RunOptions, "dir">,
): Promise<{ output: string; exitCode: number }> {
  const child = spawn(program, args, {
    cwd: rootDir,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      show(line);
    });
  }
  const exitCode = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      lines.push(error.message);
      show(error.message);
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
  return { output: lines.join("\n"), exitCode };
}
