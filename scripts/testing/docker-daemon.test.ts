import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../stack/wait.ts";

setDefaultTimeout(90_000);

const canStart = process.getuid?.() === 0 && Bun.which("dockerd") !== null;
const testDaemon = test.skipIf(!canStart && Bun.env["CI"] !== "true");
const skipped = canStart ? "" : " (skipped: a Docker daemon of its own needs dockerd, and root)";

/** Starts a daemon, says where it lies, and ends as it is told to. */
const PROGRAM = `
import { DockerDaemon } from ${JSON.stringify(join(import.meta.dir, "docker-daemon.ts"))};
const daemon = await DockerDaemon.start();
console.log(daemon.host);
for await (const line of console) if (line === "leave") process.exit(0);
`;

let owner: Bun.Subprocess<"pipe", "pipe", "inherit"> | null = null;
afterEach(() => owner?.kill("SIGKILL"));

for (const ending of ["leave", "SIGKILL"] as const) {
  testDaemon(`a daemon whose owner is gone without a word (${ending}) leaves nothing${skipped}`, async () => {
    owner = Bun.spawn([process.execPath, "-e", PROGRAM], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await owner.stdout.getReader().read();
    const folder = new TextDecoder().decode(value).trim().slice("unix://".length, -"/docker.sock".length);
    expect(existsSync(folder)).toBe(true);
    expect(processesOf(folder)).not.toEqual([]);

    if (ending === "leave") owner.stdin.write("leave\n");
    else owner.kill("SIGKILL");
    await owner.stdin.flush();
    await owner.exited;

    const isClean = () => !existsSync(folder) && processesOf(folder).length === 0;
    expect(await waitUntil(isClean, { withinMs: 60_000 })).toBe(true);
  });
}

/** The command lines that name the folder or something in it. */
function processesOf(folder: string): string[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return line.includes(folder) ? [line] : [];
    } catch {
      return [];
    }
  });
}
