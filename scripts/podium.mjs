#!/usr/bin/env node
// The entry of every npm script: plain Node without dependencies, since on a fresh clone there is nothing else.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { ensureSetUp } from "./setup/ensure.mjs";
import { bunPath, rootDir } from "./setup/paths.mjs";

/** Commands that serve pages or run the CLI, and therefore need them built. */
const NEEDS_BUILDS = new Set(["setup", "start", "demo", "test", "bench"]);
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

const [command, ...args] = process.argv.slice(2);

if (command === undefined || !isCommand(command)) {
  const known = readdirSync(join(rootDir, "scripts")).filter((name) => name.endsWith(".ts"));
  console.error(
    `podium: no command "${command ?? ""}". Known: setup, ${known.map((name) => name.slice(0, -3)).join(", ")}.`,
  );
  process.exit(2);
}

try {
  ensureSetUp({ built: NEEDS_BUILDS.has(command) });
} catch (error) {
  console.error(`podium: ${error.message}`);
  process.exit(1);
}

if (command !== "setup") runCommand(command, args);

function isCommand(name) {
  return name === "setup" || (/^[a-z-]+$/.test(name) && existsSync(join(rootDir, "scripts", `${name}.ts`)));
}

/** Runs scripts/<name>.ts under Bun in this terminal; passes signals on and ends as it ended. */
function runCommand(name, rest) {
  // The fourth stream is never written: it closes when this process dies, however it dies (see stack/parent.ts).
  const child = spawn(bunPath(), [join(rootDir, "scripts", `${name}.ts`), ...rest], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, PODIUM_PARENT: `${process.pid}:3` },
  });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`podium: could not start Bun: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
