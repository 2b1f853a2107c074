import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, runCommand } from "../generate/command.ts";
import { generateContract } from "../generate/contract.ts";
import { missingMigrations } from "../generate/migrations.ts";
import { bunPath, rootDir } from "../setup/paths.mjs";
import { readRepository } from "../tidy/source.ts";
import { tidy } from "../tidy/tidy.ts";
import { checkRuff } from "./python.ts";

/** One static check: the lines to show people, none when all is well. */
export interface Step {
  name: string;
  check: () => Promise<string[]>;
}

const CODE_FOLDERS = ["apps", "packages", "scripts", "bench", "tests", "examples"];

/** All checks, those that take long first. */
export const STEPS: Step[] = [
  { name: "tsc", check: () => tool(["typescript", "bin", "tsc"], ["-p", ".", "--pretty", "false"]) },
  { name: "pyright", check: () => pyright() },
  {
    name: "knip",
    check: () => tool(["knip", "bin", "knip.js"], ["--treat-config-hints-as-errors", "--no-progress"]),
  },
  { name: "drift", check: () => drift() },
  { name: "imports", check: () => imports() },
  { name: "biome", check: () => biome() },
  { name: "tidy", check: async () => tidy(await readRepository(rootDir)) },
  {
    name: "ruff",
    check: async () => (existsSync(join(rootDir, "sdk/python/pyproject.toml")) ? checkRuff() : []),
  },
];

async function tool(program: string[], args: string[], runner = bunPath()): Promise<string[]> {
  return complaints(await runCommand([runner, join(rootDir, "node_modules", ...program), ...args]));
}

function complaints({ ok, output }: Finished): string[] {
  if (ok) return [];
  return output === "" ? ["it failed without a word"] : output.split("\n");
}

function imports(): Promise<string[]> {
  const options = ["--config", ".dependency-cruiser.mjs", "--output-type", "err-long"];
  return tool(["dependency-cruiser", "bin", "dependency-cruiser.mjs"], [...options, ...CODE_FOLDERS]);
}

/** A native program; the wrapper beside it would only look for it and start it. */
async function biome(): Promise<string[]> {
  const program = join(rootDir, "node_modules", ".bin", "biome");
  return complaints(await runCommand([program, "check", "--error-on-warnings", "--max-diagnostics=20"]));
}

async function pyright(): Promise<string[]> {
  if (!existsSync(join(rootDir, "sdk/python/pyproject.toml"))) return [];
  // Node runs it in half of the time that Bun needs.
  return tool(["pyright", "index.js"], ["-p", "sdk/python"], "node");
}

/** What is generated must be what is committed. */
async function drift(): Promise<string[]> {
  const contract = Object.entries(await generateContract()).filter(([path, text]) => !holds(path, text));
  const migrations = (await missingMigrations()).map((name) => `apps/hub/drizzle/${name}`);
  const stale = [...contract.map(([path]) => path), ...migrations];
  return stale.map(
    (path) => `${path} is not what its sources make: run \`npm run generate\` and commit the result`,
  );
}

function holds(path: string, text: string): boolean {
  const full = join(rootDir, path);
  return existsSync(full) && readFileSync(full, "utf8") === text;
}
