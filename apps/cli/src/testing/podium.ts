import { join } from "node:path";
import { temporaryFolders } from "./folders.ts";

/**
 * The command as a test file runs it: in a folder of its own, where it finds nobody's configuration. To be called at the
 * top of the file, whose tests' end takes the folder with them.
 */
export function podiumCommand() {
  const home = temporaryFolders("cli")();
  return { home, runPodium: (args: readonly string[], env?: Record<string, string>) => run(home, args, env) };
}

/** Runs the real command to its end, with nothing of this process's environment; `env` tells it a hub and a token. */
async function run(home: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), ...args], {
    env: { PATH: "/usr/bin:/bin", PODIUM_CONFIG: join(home, "none.json"), ...env },
    cwd: home,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** The environment of who is logged in at the hub. */
export const loggedIn = (hub: string) => ({ PODIUM_URL: hub, PODIUM_TOKEN: "pdm_x" });
