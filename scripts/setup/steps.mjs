import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  BUN_VERSION,
  bunPackage,
  bunPath,
  cliPath,
  podiumDir,
  postgresPackageDir,
  rootDir,
  toolchainDir,
} from "./paths.mjs";

const cliDir = join(podiumDir, "cli");

/** Runs one named step and prints one line; a failed command's last lines go into the error. */
export function step(name, work) {
  const started = Date.now();
  work();
  console.error(`set-up: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

export function hasBun() {
  return (
    existsSync(bunPath()) &&
    spawnSync(bunPath(), ["--version"], { encoding: "utf8" }).stdout?.trim() === BUN_VERSION
  );
}

export function installBun() {
  mkdirSync(toolchainDir, { recursive: true });
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  run("npm", ["install", "--prefix", toolchainDir, ...options, `${bunPackage()}@${BUN_VERSION}`]);
  chmodSync(bunPath(), 0o755);
  if (!hasBun()) throw new Error(`Bun was installed into ${toolchainDir} but does not run on this machine.`);
}

export function installPackages() {
  run(bunPath(), ["install", "--frozen-lockfile", "--ignore-scripts"]);
}

/** The npm package can't hold symbolic links; its own script makes them (its post-install is blocked). */
export function linkPostgresLibraries() {
  const dir = postgresPackageDir();
  run(process.execPath, [join("scripts", "hydrate-symlinks.js")], dir);
  for (const name of ["initdb", "pg_ctl", "postgres"]) chmodSync(join(dir, "native", "bin", name), 0o755);
}

/** `.podium/bin/bun` and `.podium/bin/podium`, and the latter under node_modules/.bin so that `npx podium` finds it. */
export function writeLauncher() {
  mkdirSync(join(podiumDir, "bin"), { recursive: true });
  const bunFromRoot = bunPath().slice(rootDir.length + 1);
  const sources = ["apps/cli/src", "packages/shared/src"].map((path) => `"$root/${path}"`).join(" ");
  // Starting from its sources takes 0.2 s more; what was changed since it was built runs from them.
  const script = `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/../..
program="$root/.podium/cli/main.js"
if [ ! -f "$program" ] || [ -n "$(find ${sources} -newer "$program" -print -quit)" ]; then
  program="$root/apps/cli/src/main.ts"
fi
exec "$root/${bunFromRoot}" "$program" "$@"
`;
  writeFileSync(cliPath, script, { mode: 0o755 });
  // The guides start single processes with it; relative, so that a clone can be moved.
  const bun = join(podiumDir, "bin", "bun");
  rmSync(bun, { force: true });
  symlinkSync(join("..", "..", bunFromRoot), bun);
  const link = join(rootDir, "node_modules", ".bin", "podium");
  rmSync(link, { force: true });
  symlinkSync("../../.podium/bin/podium", link);
}

export function needsCliBuild() {
  const cli = join(rootDir, "apps", "cli", "src");
  if (!existsSync(join(cli, "main.ts"))) return false;
  const built = statSync(join(cliDir, "main.js"), { throwIfNoEntry: false });
  const sources = [cli, join(rootDir, "packages", "shared", "src"), join(rootDir, "bun.lock")];
  return built === undefined || newest(sources) > built.mtimeMs;
}

/** One file and its bytecode; the sources may change meanwhile, so it is as old as the beginning. */
export function buildCli() {
  const begun = new Date();
  const options = ["--target=bun", "--minify", "--bytecode", "--outdir", cliDir];
  run(bunPath(), ["build", join("apps", "cli", "src", "main.ts"), ...options]);
  utimesSync(join(cliDir, "main.js"), begun, begun);
}

export function needsWebBuild() {
  const web = join(rootDir, "apps", "web");
  if (!existsSync(join(web, "vite.config.ts"))) return false;
  const built = join(web, "dist", "index.html");
  if (!existsSync(built)) return true;
  const sources = [join(web, "src"), join(rootDir, "packages", "shared", "src"), join(rootDir, "bun.lock")];
  const files = readdirSync(web).filter((name) => !["dist", "node_modules", "src"].includes(name));
  return newest([...sources, ...files.map((name) => join(web, name))]) > statSync(built).mtimeMs;
}

export function buildWeb() {
  const vite = join(rootDir, "node_modules", "vite", "bin", "vite.js");
  run(bunPath(), [vite, "build", "--logLevel", "warn"], join(rootDir, "apps", "web"));
}

function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const inside = stat.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : 0;
    latest = Math.max(latest, stat.mtimeMs, inside);
  }
  return latest;
}

function run(command, args, cwd = rootDir) {
  const env = { ...process.env, NO_COLOR: "1" };
  const done = spawnSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env });
  if (done.status === 0) return;
  const output = `${done.stdout ?? ""}${done.stderr ?? ""}`.trim().split("\n").slice(-25).join("\n");
  const reason = done.error ? done.error.message : `it ended with ${done.status ?? done.signal}`;
  throw new Error(`set-up failed at \`${[command, ...args].join(" ")}\`: ${reason}\n${output}`);
}
