import { rootDir } from "../setup/paths.mjs";

export interface Finished {
  ok: boolean;
  /** stdout and stderr, as people would see them. */
  output: string;
  stdout: string;
}

/** Runs a command to its end without a terminal: nothing can ask a question. */
export async function runCommand(
  command: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const child = Bun.spawn(command, {
    cwd: options.cwd ?? rootDir,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { ok: code === 0, output: `${stdout}${stderr}`.trim(), stdout };
}
