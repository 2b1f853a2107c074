import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Glob } from "bun";
import { rootDir } from "../setup/paths.mjs";

/** Tests that run in one process, one group after the other. */
export interface Group {
  name: string;
  kind: "bun" | "python";
  /** Paths from the root; for Python, the arguments of `python3`. */
  paths: string[];
  /** Test files at a time. */
  workers: number;
  /** Others of its kind may run beside it. */
  shares: boolean;
}

const UNIT_ROOTS = ["apps", "packages", "scripts", "examples", "bench"];
const PYTHON_ROOT = "sdk/python";
const ACROSS_ROOT = "tests";
const WORKERS = 2;
/** These kill daemons that others use, or take all of the machine. */
const ALONE = ["tests/faults/", "tests/simulation/"];

/** All groups in their order, or only those of the given paths. Throws for a path that doesn't exist. */
export function testGroups(givenPaths: string[]): Group[] {
  const paths = givenPaths.map(fromRoot);
  const chosen = (root: string) => chosenUnder(root, paths);
  const unit = UNIT_ROOTS.flatMap(chosen).filter(hasTests);
  const groups: Group[] =
    unit.length === 0 ? [] : [{ name: "unit", kind: "bun", paths: unit, workers: WORKERS, shares: false }];
  if (chosen(PYTHON_ROOT).length > 0 && existsSync(join(rootDir, PYTHON_ROOT, "tests")))
    groups.push(pythonGroup());
  // What crosses processes has a process for each file, so that a crash of one is not the others'.
  for (const file of chosen(ACROSS_ROOT).flatMap(testFiles)) {
    const shares = !ALONE.some((folder) => file.startsWith(folder));
    groups.push({ name: file, kind: "bun", paths: [file], workers: 1, shares });
  }
  return groups;
}

function pythonGroup(): Group {
  const runner = [
    "-m",
    "unittest",
    "discover",
    "-v",
    "-s",
    `${PYTHON_ROOT}/tests`,
    "-t",
    `${PYTHON_ROOT}/tests`,
  ];
  return { name: PYTHON_ROOT, kind: "python", paths: runner, workers: 1, shares: false };
}

/** The given paths that lie in `root`; `root` itself when none was given or one holds it. */
function chosenUnder(root: string, paths: string[]): string[] {
  if (paths.length === 0 || paths.some((path) => path === "" || `${root}/`.startsWith(`${path}/`)))
    return [root];
  return paths.filter((path) => path.startsWith(`${root}/`));
}

function fromRoot(given: string): string {
  // npm runs scripts in the root, but the reader's paths are from where they stand.
  const absolute = resolve(process.env["INIT_CWD"] ?? process.cwd(), given);
  const found = existsSync(absolute) ? absolute : join(rootDir, given);
  if (!existsSync(found)) throw new Error(`There is no ${given} to test.`);
  return relative(rootDir, found);
}

function hasTests(path: string): boolean {
  return testFiles(path).length > 0;
}

function testFiles(path: string): string[] {
  if (!statSync(join(rootDir, path)).isDirectory()) return [path];
  const found = new Glob("**/*.test.{ts,tsx}").scanSync({ cwd: join(rootDir, path) });
  return [...found]
    .filter((file) => !file.includes("node_modules/"))
    .map((file) => `${path}/${file}`)
    .sort();
}
