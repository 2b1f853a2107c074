import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses, signalProcess } from "../stack/process-table.ts";
import { waitUntil } from "../stack/wait.ts";

const START_MS = 60_000;
const STOP_MS = 30_000;

/** What `dispose` does, for a process that is gone: it begins when that no longer holds the other end of the pipe. */
const CLEAN_UP = `read -r _
folder=$1
docker -H "unix://$folder/docker.sock" ps -aq 2>/dev/null | xargs -r docker -H "unix://$folder/docker.sock" rm -f
# Only programs of this daemon name a path in its folder; grep itself, by the brackets, does not.
ours() { grep -l -- "$folder[/]$1" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3; }
ours docker.sock | xargs -r kill -s TERM
tries=150
while [ $tries -gt 0 ] && [ -n "$(ours docker.sock)" ]; do sleep 0.2; tries=$((tries - 1)); done
ours "" | xargs -r kill -s KILL
cut -d" " -f5 /proc/self/mountinfo | grep -F -- "$folder/" | sort -r | xargs -r -n 1 umount --lazy
rm -rf --one-file-system -- "$folder"`;

/**
 * A Docker daemon of a test's own, that may be killed; it reaches no network. It ends with the process that started it,
 * however that ends. Needs root.
 */
export class DockerDaemon {
  #process: ChildProcess | null = null;
  #cleaner: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly options: readonly string[],
  ) {}

  /** Starts one with nothing in it. `options` are dockerd's. Throws the end of its log when it does not come up. */
  static async start(options: readonly string[] = []): Promise<DockerDaemon> {
    const daemon = new DockerDaemon(await mkdtemp(join(tmpdir(), "podium-dockerd-")), options);
    daemon.#cleaner = spawn("sh", ["-c", CLEAN_UP, "podium-dockerd-cleaner", daemon.folder], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    daemon.#cleaner.unref();
    await daemon.start();
    return daemon;
  }

  get host() {
    return `unix://${this.#path("docker.sock")}`;
  }

  /** Its process; what runs in the network of that can be reached by it. */
  get pid() {
    return this.#process?.pid ?? 0;
  }

  get log(): string {
    return existsSync(this.#path("log")) ? readFileSync(this.#path("log"), "utf8") : "";
  }

  /** Starts it again on the same folder. */
  async start() {
    const log = openSync(this.#path("log"), "a");
    // In a network of its own: without one of them it would take away the bridge of this machine's own daemon.
    const network = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"];
    const folders = [
      "--data-root",
      this.#path("data"),
      "--exec-root",
      this.#path("exec"),
      "-p",
      this.#path("pid"),
    ];
    const { PATH = "/usr/sbin:/usr/bin:/sbin:/bin" } = process.env;
    this.#process = spawn(
      "unshare",
      ["--net", "dockerd", ...folders, ...network, "-H", this.host, ...this.options],
      {
        env: { PATH, TMPDIR: tmpdir() },
        stdio: ["ignore", log, log],
        detached: true,
      },
    );
    this.#process.once("error", () => {});
    const isUp = await waitUntil(() => answers(this.host), { withinMs: START_MS });
    if (!isUp) throw new Error(`dockerd did not start: ${this.log.trim().split("\n").slice(-3).join(" | ")}`);
  }

  /** The death that leaves no time for anything; containers and their supervisors stay. */
  async kill() {
    const containerd = Number(readFileSync(this.#path("exec/containerd/containerd.pid"), "utf8"));
    await this.#end("SIGKILL");
    // The kernel ends it with its parent, but not at once; the next daemon must not take it for its own.
    await waitUntil(() => !existsSync(`/proc/${containerd}`), { withinMs: STOP_MS });
  }

  /** Ends it with all its containers, and removes what it kept. */
  async dispose() {
    // With live-restore they would outlive it.
    const docker = ["docker", "-H", this.host];
    const ids = Bun.spawnSync([...docker, "ps", "-aq"])
      .stdout.toString()
      .split("\n")
      .filter(Boolean);
    if (ids.length > 0) Bun.spawnSync([...docker, "rm", "-f", ...ids]);
    await this.#end("SIGTERM");
    // A container's supervisor whose daemon was killed as it began is known to no later daemon.
    for (const { pid, command } of listProcesses())
      if (command.includes(`${this.folder}/`)) signalProcess(pid, "SIGKILL");
    for (const mount of mountsBelow(this.folder)) Bun.spawnSync(["umount", "--lazy", mount]);
    rmSync(this.folder, { recursive: true, force: true });
    // Nothing is left for it to do, and it need not wait for this process.
    this.#cleaner?.kill("SIGKILL");
  }

  async #end(signal: "SIGKILL" | "SIGTERM") {
    const daemon = this.#process;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
    daemon.kill(signal);
    const killer = setTimeout(() => daemon.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(killer);
  }

  #path(name: string) {
    return join(this.folder, name);
  }
}

/** True when a Docker daemon answers at the address (`unix:///path`). */
export async function answers(host: string): Promise<boolean> {
  try {
    const response = await fetch("http://docker/_ping", {
      unix: host.replace(/^unix:\/\//, ""),
      signal: AbortSignal.timeout(2_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

function mountsBelow(folder: string): string[] {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return points.filter((path) => path.startsWith(`${folder}/`)).reverse();
}
