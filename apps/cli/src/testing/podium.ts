import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An empty folder of the test's own, in which commands run and find nobody's configuration. */
export const home = mkdtempSync(join(tmpdir(), "podium-cli-"));

/** Runs the real command to its end, with nothing of this process's environment; `env` tells it a hub and a token. */
export async function runPodium(args: readonly string[], env: Record<string, string> = {}) {
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
