import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunPath } from "../setup/paths.mjs";
import { takeLock } from "./lock.ts";
import { signalProcess } from "./process-table.ts";

test("a folder in use names the process that has it, and is free once that one is killed", async () => {
  const dir = mkdtempSync(join(tmpdir(), "podium-lock-"));
  const path = join(dir, "lock");
  const code = `
    import { takeLock } from ${JSON.stringify(join(import.meta.dir, "lock.ts"))};
    takeLock(${JSON.stringify(path)}, "The folder");
    console.log(Bun.spawn(["sleep", "30"]).pid);
    setInterval(() => {}, 1000);`;
  const holder = Bun.spawn([bunPath(), "-e", code], { stdout: "pipe" });
  let childPid = 0;
  try {
    const { value } = await holder.stdout.getReader().read();
    childPid = Number(new TextDecoder().decode(value));
    expect(() => takeLock(path, "The folder")).toThrow(
      `The folder is in use by process ${holder.pid}: stop that one first.`,
    );
    holder.kill("SIGKILL");
    await holder.exited;
    // Its child lives on, and must not keep the lock.
    takeLock(path, "The folder")();
  } finally {
    holder.kill("SIGKILL");
    if (childPid > 0) signalProcess(childPid, "SIGKILL");
    rmSync(dir, { recursive: true });
  }
});
