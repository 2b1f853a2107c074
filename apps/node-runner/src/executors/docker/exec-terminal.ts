import type Docker from "dockerode";
import type { Log } from "../../log.ts";
import { SHELL, SHELL_ENV, type Terminal, type TerminalSize } from "../terminal.ts";
import { reasonOf } from "./daemon.ts";
import { connectExec } from "./exec-connection.ts";

/** By this the shell and what it started are found again when somebody hangs up: Docker itself lets them run on. */
const MARK = "PODIUM_STREAM";
let opened = 0;

/** Ends what carries the mark, in Python, which every session has; again, for what was started meanwhile. */
const END_MARKED = `
import os, signal, sys
mark = b"${MARK}=" + sys.argv[1].encode()
for _ in range(10):
    found = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in open(f"/proc/{pid}/environ", "rb").read().split(b"\\0"):
                os.kill(int(pid), signal.SIGKILL)
                found += 1
        except OSError:
            pass
    if not found:
        break
`;

/** The connection ends a moment before the daemon has heard with what the shell ended. */
const CODE_TRIES = 20;
const CODE_PAUSE_MS = 50;

/** A session in its container, as a shell beside it needs it. */
export interface Entered {
  docker: Docker;
  dockerHost: string;
  /** name of the container */
  name: string;
  cwd: string;
  /** the interpreter inside */
  python: string;
  log: Log;
}

/**
 * Opens a shell in a container, in a terminal that the daemon keeps, as the session's user and within its limits.
 * Throws when the container can't be entered.
 */
export async function openExec(
  entered: Entered,
  size: TerminalSize,
  onData: (bytes: Uint8Array) => void,
): Promise<Terminal> {
  const { docker, dockerHost, name, cwd } = entered;
  const mark = `${process.pid}-${++opened}`;
  const env = Object.entries({ ...SHELL_ENV, [MARK]: mark }).map(([key, value]) => `${key}=${value}`);
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
  const exec = await docker.getContainer(name).exec({ ...streams, Cmd: SHELL, Env: env, WorkingDir: cwd });
  const connection = await connectExec(dockerHost, exec.id, size, onData);
  const resize = ({ cols, rows }: TerminalSize) => exec.resize({ w: cols, h: rows }).catch(() => {});
  // Daemons before 25.0 know nothing of a size from the beginning.
  await resize(size);
  return {
    write: connection.write,
    resize: (to) => void resize(to),
    acknowledge: connection.acknowledge,
    close: connection.close,
    ended: connection.closed.then(async (byDaemon) => {
      const code = byDaemon ? await exitCode(exec) : null;
      if (code === null) await endMarked(entered, mark);
      return code;
    }),
  };
}

/** Null when the container is gone, or the shell outlives its terminal. */
async function exitCode(exec: Docker.Exec): Promise<number | null> {
  for (let attempt = 0; attempt < CODE_TRIES; attempt++) {
    const found = await exec.inspect().catch(() => null);
    if (found === null || found.ExitCode !== null) return found?.ExitCode ?? null;
    await Bun.sleep(CODE_PAUSE_MS);
  }
  return null;
}

/** What is left of it ends with the container at the latest, so a refusal is no failure. */
async function endMarked({ docker, name, python, log }: Entered, mark: string): Promise<void> {
  try {
    const ending = await docker.getContainer(name).exec({ Cmd: [python, "-I", "-c", END_MARKED, mark] });
    await ending.start({ Detach: true });
  } catch (error) {
    log.debug({ container: name, reason: reasonOf(error) }, "a shell's processes end with their container");
  }
}
