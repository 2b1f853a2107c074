import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { CliError } from "./errors.ts";

/**
 * Takes a folder's work for this process: two that go on with the same would write every row twice. One whose process
 * has ended is taken over. @param path of the file that says who works @returns gives it back. Throws a CliError
 */
export function lockWork(path: string): () => void {
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(path, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = Number(readFileSync(path, "utf8"));
    if (attempt > 0 || isAlive(owner))
      throw new CliError(
        `The same command is at work already, as process ${owner}. Wait for it; if there is none, remove ${path}.`,
      );
    rmSync(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
