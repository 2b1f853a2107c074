import { constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** What flock(1) says when somebody else has the lock. */
const HELD = 1;

/**
 * Refuses a data folder that another runner uses: two would fight over the same sessions. The lock is the kernel's, on
 * an open file that is never closed: it goes with a killed runner, and holds also between containers, which count their
 * pids apart. Throws one readable line.
 */
export async function lockDataFolder(dataFolder: string) {
  const path = join(dataFolder, "runner.pid");
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const program = Bun.which("flock", { PATH: "/usr/bin:/bin" });
  if (!program)
    throw new Error(`The data folder ${dataFolder} can't be locked: install util-linux, for its flock.`);
  // There is no flock(2) in Bun. The program's lock is on our own open file, and so outlives the program.
  const flock = Bun.spawn([program, "--exclusive", "--nonblock", "3"], {
    stdio: ["ignore", "ignore", "pipe", file],
  });
  const said = (await new Response(flock.stderr).text()).trim();
  const code = await flock.exited;
  if (code === HELD) {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    throw new Error(
      `The data folder ${dataFolder} is in use by the runner with pid ${pid}; stop it, or set PODIUM_RUNNER_DATA.`,
    );
  }
  if (code !== 0) throw new Error(`The data folder ${dataFolder} can't be locked: ${said}.`);
  ftruncateSync(file);
  writeSync(file, `${process.pid}\n`, 0);
}
