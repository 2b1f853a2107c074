import { readFileSync } from "node:fs";

const TRIES = 20;
const RETRY_MS = 25;

/** Mount points at or below a folder, innermost first. */
export function mountsBelow(folder: string): string[] {
  return mountPoints(readFileSync("/proc/self/mountinfo", "utf8"))
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .reverse();
}

/** Mount points in the order of mounting; field 5 of proc(5), /proc/PID/mountinfo, with its octal escapes undone. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const point = line.split(" ")[4];
    return point === undefined ? [] : [withoutEscapes(point)];
  });
}

/**
 * Unmounts everything at or below a folder. What is still in use (a file that is being read, a container on its way
 * out) goes as soon as its last user does. Throws what umount said.
 */
export async function unmountBelow(folder: string) {
  for (const path of mountsBelow(folder)) await unmount(path);
}

async function unmount(path: string) {
  for (let tries = 1; tries < TRIES; tries++) {
    if ((await runTool(["umount", path])) === null) return;
    await Bun.sleep(RETRY_MS);
  }
  const failed = await runTool(["umount", "--lazy", path]);
  if (failed !== null) throw new Error(failed);
}

/** Runs a program of the system; null when it succeeded, else what it said last. */
export async function runTool(command: string[]): Promise<string | null> {
  const program = Bun.which(command[0] ?? "", { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" });
  if (!program) return `${command[0]} is not installed`;
  const tool = Bun.spawn([program, ...command.slice(1)], {
    env: { LC_ALL: "C" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(tool.stderr).text();
  if ((await tool.exited) === 0) return null;
  return said.trim().split("\n").at(-1) || `${command[0]} ended with code ${tool.exitCode}`;
}

function withoutEscapes(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
