/** Where the interpreter lies, and the folders it needs to start. */
export interface Python {
  executable: string;
  prefixes: string[];
  version: string;
}

const QUESTION =
  "import json, os, sys; print(json.dumps([sys.executable, [sys.prefix, sys.base_prefix, sys.base_exec_prefix, " +
  "os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))], sys.version.split()[0]]))";

/**
 * Asks the interpreter for its real path: a version manager's shim would cost its start-up time at every session.
 * Throws one readable line when it can't be run.
 */
export async function findPython(command: string): Promise<Python> {
  const path = Bun.which(command);
  if (!path)
    throw new Error(
      `Bad configuration: PODIUM_PYTHON: there is no program "${command}"; install Python 3.9 or newer.`,
    );
  const asked = Bun.spawn([path, "-c", QUESTION], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const answer = await new Response(asked.stdout).text();
  if ((await asked.exited) !== 0) {
    const reason = (await new Response(asked.stderr).text()).trim().split("\n").at(-1);
    throw new Error(`Bad configuration: PODIUM_PYTHON: "${command}" does not run: ${reason}`);
  }
  const [executable, prefixes, version] = JSON.parse(answer) as [string, string[], string];
  return { executable: executable || path, prefixes: [...new Set(prefixes)], version };
}

/**
 * Compiles the SDK once, so that no session has to do it at its start. A folder that can't be written to costs every
 * session some tens of milliseconds, nothing else.
 */
export async function compileSdk(python: Python, sdkPath: string) {
  const compiling = Bun.spawn([python.executable, "-m", "compileall", "-q", sdkPath], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  await compiling.exited;
}
