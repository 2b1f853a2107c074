import { join } from "node:path";
import { readProcess } from "../executors/process/proc.ts";
import { readIfThere, writeDurably } from "./files.ts";

/**
 * Refuses a data folder that another runner uses: two would fight over the same sessions. The lock names a process
 * by pid and start time, so one that a killed runner left behind is no obstacle. Throws one readable line.
 */
export async function lockDataFolder(dataFolder: string) {
  const path = join(dataFolder, "runner.pid");
  const holder = await readIfThere(path);
  if (holder && holder !== nameOf(process.pid) && holder === nameOf(Number.parseInt(holder, 10))) {
    throw new Error(
      `The data folder ${dataFolder} is in use by the runner with pid ${Number.parseInt(holder, 10)}; stop it, or set PODIUM_RUNNER_DATA.`,
    );
  }
  await writeDurably(path, nameOf(process.pid));
}

function nameOf(pid: number): string {
  return `${pid} ${readProcess(pid)?.start_time ?? "gone"}`;
}
