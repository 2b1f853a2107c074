#!/usr/bin/env bun
import { CommanderError } from "commander";
import { createCli } from "./cli.ts";
import { readEnv } from "./env.ts";
import { CliError, EXIT } from "./errors.ts";
import { createOutput } from "./output.ts";
import { createProgram } from "./program.ts";

// Whoever reads our output may have seen enough (`podium ps | head`): that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// Not awaited here: only without that can set-up compile the command line to bytecode.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

/** Runs one command. Answers the exit code: 0 done, 1 refused or failed, 2 called wrongly. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const env = readEnv();
    await createProgram(createCli(env, createOutput(env))).parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has already said what is wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    if (error instanceof CliError) {
      process.stderr.write(`podium: ${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(
      `podium: this is a fault in podium itself, please report it.\n${(error as Error).stack ?? error}\n`,
    );
    return EXIT.failed;
  }
}
