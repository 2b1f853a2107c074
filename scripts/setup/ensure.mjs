import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { checkMachine, checkNode } from "./machine.mjs";
import { BUN_VERSION, bunPath, podiumDir, rootDir } from "./paths.mjs";
import * as steps from "./steps.mjs";

const stampPath = join(podiumDir, "setup-stamp");
const lockPath = join(podiumDir, "setup.lock");

/**
 * Makes this clone ready: Bun, packages, Postgres' libraries, the `podium` launcher and, if asked, what is built: CLI and web pages.
 * Does nothing when nothing changed since; safe when two run at once. Throws with what to do when it can't.
 */
export function ensureSetUp({ built }) {
  checkNode();
  if (isSetUp() && !(built && (steps.needsCliBuild() || steps.needsWebBuild()))) return;
  checkMachine();
  withLock(
    lockPath,
    () => runSteps(built),
    () => console.error("set-up: another one runs in this folder, waiting for it"),
  );
}

function runSteps(built) {
  // Everything is asked again: the one we waited for may have done it.
  if (!isSetUp()) {
    if (!steps.hasBun()) steps.step(`Bun ${BUN_VERSION} from npm`, steps.installBun);
    steps.step("packages by bun.lock", steps.installPackages);
    steps.step("Postgres' library links", steps.linkPostgresLibraries);
    steps.step("the launchers in .podium/bin", steps.writeLauncher);
    writeFileSync(stampPath, wantedStamp());
  }
  if (built && steps.needsCliBuild()) steps.step("the command line", steps.buildCli);
  if (built && steps.needsWebBuild()) steps.step("the web pages", steps.buildWeb);
}

function isSetUp() {
  const launchers = ["bun", "podium"].map((name) => join(podiumDir, "bin", name));
  const made = [stampPath, bunPath(), join(rootDir, "node_modules"), ...launchers];
  return made.every((path) => existsSync(path)) && readFileSync(stampPath, "utf8") === wantedStamp();
}

/** Changes with whatever decides the content of node_modules, the toolchain and the launchers. */
function wantedStamp() {
  const hash = createHash("sha256").update(`${BUN_VERSION} ${process.arch} ${rootDir}`);
  for (const path of ["bun.lock", "bunfig.toml", "scripts/setup/steps.mjs", ...packageFiles()])
    hash.update(path).update(readFileSync(join(rootDir, path)));
  return hash.digest("hex");
}

function packageFiles() {
  const { workspaces } = JSON.parse(readFileSync(join(rootDir, "package.json"), "utf8"));
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith("/*")) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(rootDir, parent))
      .sort()
      .map((name) => join(parent, name));
  });
  return ["package.json", ...folders.map((folder) => join(folder, "package.json"))].filter((path) =>
    existsSync(join(rootDir, path)),
  );
}
