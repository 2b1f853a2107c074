import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../scripts/stack/ports.ts";
import { waitUntil } from "../../scripts/stack/wait.ts";

export interface RsyncDaemon {
  version: string;
  /** Sends a folder into the module, in archive mode with the delta transfer that rsync uses over a network. */
  send(source: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

/** rsync's daemon on loopback, with one module that is written to; null where there is no rsync. */
export async function startRsyncDaemon(folder: string): Promise<RsyncDaemon | null> {
  if (Bun.which("rsync") === null) return null;
  const port = await freePort();
  const files = join(folder, "files");
  const config = join(folder, "rsyncd.conf");
  mkdirSync(files, { recursive: true });
  const module = `[bench]\npath = ${files}\nread only = false\nuse chroot = false\n`;
  writeFileSync(config, `${module}uid = ${process.getuid?.() ?? 0}\ngid = ${process.getgid?.() ?? 0}\n`);
  const daemon = Bun.spawn(
    ["rsync", "--daemon", "--no-detach", `--config=${config}`, `--port=${port}`, "--address=127.0.0.1"],
    { stdin: "ignore", stdout: "ignore", stderr: "inherit" },
  );
  const url = `rsync://127.0.0.1:${port}/bench/`;
  const answers = () => Bun.spawnSync(["rsync", url]).exitCode === 0;
  if (!(await waitUntil(answers, { withinMs: 10_000 }))) throw new Error("rsync's daemon does not answer.");
  const [version = ""] = Bun.spawnSync(["rsync", "--version"]).stdout.toString().split("\n");
  return {
    version,
    async send(source, name) {
      const child = Bun.spawn(["rsync", "-a", `${source}/`, `${url}${name}/`], { stdout: "ignore" });
      if ((await child.exited) !== 0) throw new Error("rsync failed.");
    },
    async stop() {
      daemon.kill();
      await daemon.exited;
    },
  };
}
