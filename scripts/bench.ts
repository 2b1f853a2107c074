// `npm run bench -- NAME [arguments]`: runs bench/NAME.ts; without a name, lists what there is.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bunPath, rootDir } from "./setup/paths.mjs";

const benchDir = join(rootDir, "bench");
const [name, ...args] = process.argv.slice(2);

if (name === undefined) {
  for (const bench of benches()) console.log(`${bench.padEnd(12)} ${purpose(bench)}`);
} else if (!existsSync(join(benchDir, `${name}.ts`))) {
  console.error(`podium: no bench "${name}". Known: ${benches().join(", ")}.`);
  process.exit(2);
} else {
  const child = spawn(bunPath(), [join(benchDir, `${name}.ts`), ...args], { stdio: "inherit", cwd: rootDir });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exit(code ?? 1));
}

function benches(): string[] {
  const files = readdirSync(benchDir).filter((file) => /^[\w-]+\.ts$/.test(file));
  return files.map((file) => file.slice(0, -3)).sort();
}

/** A bench says what it measures in the comment it starts with. */
function purpose(bench: string): string {
  const [first = ""] = readFileSync(join(benchDir, `${bench}.ts`), "utf8").split("\n");
  return first.replace(/^(\/\/|\/\*\*)\s*|\s*\*\/$/g, "");
}
