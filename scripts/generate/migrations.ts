import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { bunPath, rootDir } from "../setup/paths.mjs";
import { runCommand } from "./command.ts";

const hubDir = join(rootDir, "apps", "hub");
const config = join(hubDir, "drizzle.config.ts");
const migrationsDir = join(hubDir, "drizzle");

/** Adds a migration for what the tables changed to; says what drizzle-kit said. */
export async function generateMigrations(): Promise<string> {
  return existsSync(config) ? drizzle(config) : "no tables yet";
}

/** Files that `generateMigrations` would add, without touching the tree. */
export async function missingMigrations(): Promise<string[]> {
  if (!existsSync(config)) return [];
  const dir = mkdtempSync(join(tmpdir(), "podium-migrations-"));
  try {
    cpSync(migrationsDir, join(dir, "drizzle"), { recursive: true });
    const scratch = join(dir, "drizzle.config.ts");
    // drizzle-kit takes `out` as relative to where it runs, whatever it looks like.
    const out = JSON.stringify(relative(hubDir, join(dir, "drizzle")));
    writeFileSync(
      scratch,
      `import base from ${JSON.stringify(config)};\nexport default { ...base, out: ${out} };\n`,
    );
    await drizzle(scratch);
    return changed(migrationsDir, join(dir, "drizzle"));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function drizzle(configPath: string): Promise<string> {
  const program = join(rootDir, "node_modules", "drizzle-kit", "bin.cjs");
  const done = await runCommand([bunPath(), program, "generate", "--config", configPath], { cwd: hubDir });
  // drizzle-kit ends with 0 after some errors, so its own closing words decide.
  if (!done.ok || !/No schema changes|migration file/i.test(done.output)) {
    throw new Error(
      `drizzle-kit could not work out the migration (a rename needs a person: run it in a terminal):\n${done.output}`,
    );
  }
  return done.output.split("\n").at(-1) ?? "";
}

function changed(before: string, after: string): string[] {
  const files = readdirSync(after, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .map((entry) => join(entry.parentPath, entry.name).slice(after.length + 1))
    .filter(
      (name) =>
        !existsSync(join(before, name)) ||
        readFileSync(join(before, name), "utf8") !== readFileSync(join(after, name), "utf8"),
    );
}
