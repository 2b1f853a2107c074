import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresUser } from "./postgres-user.ts";
import { isAlive, listProcesses, processesIn, signalProcess } from "./process-table.ts";
import { waitUntil } from "./wait.ts";

/**
 * Makes the database cluster in `dir` unless it is there. An interrupted start leaves only `dir.new`, which goes.
 * The superuser is `postgres`; every connection needs a password (scram).
 */
export function initialiseCluster(
  dir: string,
  binDir: string,
  user: PostgresUser,
  superuserPassword: string,
): void {
  if (existsSync(join(dir, "PG_VERSION"))) return;
  const fresh = `${dir}.new`;
  const passwordFile = `${dir}.password`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  user.own(fresh);
  writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
  user.own(passwordFile);
  try {
    const options = ["--no-sync", "-E", "UTF8", "--locale=C", "-U", "postgres", "--auth=scram-sha-256"];
    const command = [
      ...user.prefix,
      join(binDir, "initdb"),
      ...options,
      `--pwfile=${passwordFile}`,
      "-D",
      fresh,
    ];
    const [program = "", ...args] = command;
    const done = spawnSync(program, args, {
      cwd: fresh,
      encoding: "utf8",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    if (done.status !== 0) {
      const output = `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`.trim();
      // Its own words for the cause, when it has some: "No space left on device", "Permission denied".
      const cause = /(?:FATAL|error): +(.+)/.exec(output)?.[1] ?? output.split("\n").at(-1);
      throw new Error(`Postgres could not make its data folder ${dir}: ${cause}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, dir);
}

/**
 * Clears what a killed start left in `dir`: ends a Postgres that still runs on it, and removes a stale
 * `postmaster.pid` (Postgres refuses to start when its old pid now belongs to something else).
 * Only called under the data folder's lock, so a running Postgres has lost its owner.
 */
export async function recoverCluster(dir: string): Promise<void> {
  const pidFile = join(dir, "postmaster.pid");
  const owner = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8").split("\n")[0]) : undefined;
  if (owner !== undefined && isPostmasterOf(owner, dir)) {
    // SIGINT is Postgres' fast shutdown, SIGQUIT its immediate one (safe: the next start replays the log).
    for (const [signal, withinMs] of [
      ["SIGINT", 15_000],
      ["SIGQUIT", 5_000],
      ["SIGKILL", 5_000],
    ] as const) {
      signalProcess(owner, signal);
      if (await waitUntil(() => !isAlive(owner), { withinMs })) break;
    }
  }
  // Backends notice a dead postmaster by themselves; they hold the shared memory until then.
  const alone = await waitUntil(() => processesIn(dir).length === 0, { withinMs: 5_000 });
  if (!alone) for (const pid of processesIn(dir)) signalProcess(pid, "SIGKILL");
  rmSync(pidFile, { force: true });
}

/** Asked by command line: unlike the working directory, it can be read without special rights. */
function isPostmasterOf(pid: number, dir: string): boolean {
  return listProcesses().some((row) => row.pid === pid && row.command.includes(`-D ${dir}`));
}
