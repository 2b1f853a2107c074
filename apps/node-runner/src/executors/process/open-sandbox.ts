import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openOwnNetwork } from "./own-network.ts";
import type { Python } from "./python.ts";
import { INSIDE_ID, type Sandbox, sandboxCommand } from "./sandbox.ts";

export type SandboxChoice = { sandbox: Sandbox } | { sandbox: null; reason: string };

/**
 * Finds out once whether bubblewrap runs Python on this machine: it may be missing, or the kernel may forbid user
 * namespaces. The reason is for people.
 */
export async function openSandbox(dataFolder: string, python: Python): Promise<SandboxChoice> {
  const program = Bun.which("bwrap");
  if (!program) return { sandbox: null, reason: "bubblewrap is not installed" };
  const folder = join(dataFolder, "sandbox");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [passwd, group] = [join(folder, "passwd"), join(folder, "group")];
  await writeFile(passwd, `session:x:${INSIDE_ID}:${INSIDE_ID}::/home/session:/bin/sh\n`, { mode: 0o644 });
  await writeFile(group, `session:x:${INSIDE_ID}:\n`, { mode: 0o644 });

  let reason = "";
  // Versions before 0.8 do not know --disable-userns.
  for (const extra of [["--disable-userns"], []]) {
    const sandbox = { program, extra, passwd, group, network: null, whyNoNetwork: null };
    reason = await tryOut(sandbox, python);
    if (reason !== "") continue;
    return { sandbox: { ...sandbox, ...(await openOwnNetwork(folder)) } };
  }
  return { sandbox: null, reason: `bubblewrap does not work here: ${reason}` };
}

/** Empty when it works, else what it said. */
async function tryOut(sandbox: Sandbox, python: Python): Promise<string> {
  const command = sandboxCommand(sandbox, python, {
    attempt_id: "",
    folder: "",
    output_log: "",
    image: null,
    argv: ["-c", "import os, socket; assert os.getpid() < 10"],
    cwd: "/",
    env: {},
    places: [],
    python: null,
    network: null,
    devices: [],
    cpu_milli: 1000,
    memory_bytes: 64 * 1024 ** 2,
    shm_bytes: 1024 ** 2,
    max_processes: 64,
    background: false,
  });
  const trial = Bun.spawn(command, {
    env: {},
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: 20_000,
  });
  const said = await new Response(trial.stderr).text();
  if ((await trial.exited) === 0) return "";
  return said.trim().split("\n").at(-1) || `exit code ${trial.exitCode}`;
}
