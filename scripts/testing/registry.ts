import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../stack/wait.ts";

const START_MS = 20_000;

/** A registry of images in the network of a test's own Docker daemon, which is all that can reach it. */
export class Registry {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
    /** for the names of its images: `127.0.0.1:PORT/NAME` */
    readonly host: string,
  ) {}

  /** Starts an empty one beside the process `daemonPid`. Throws the end of its log when it does not come up. */
  static async start(daemonPid: number): Promise<Registry> {
    const folder = mkdtempSync(join(tmpdir(), "podium-registry-"));
    // The daemon's network is its own, so that no port in it is taken.
    const host = "127.0.0.1:5000";
    const config = join(folder, "config.yml");
    writeFileSync(
      config,
      JSON.stringify({
        version: "0.1",
        log: { level: "info" },
        storage: { filesystem: { rootdirectory: join(folder, "data") } },
        http: { addr: host },
      }),
    );
    const log = openSync(join(folder, "log"), "a");
    const enter = ["-t", `${daemonPid}`, "-n", "--"];
    const { PATH = "/usr/sbin:/usr/bin:/sbin:/bin" } = process.env;
    // A network begins without its loopback.
    spawnSync("nsenter", [...enter, "ip", "link", "set", "lo", "up"], { env: { PATH } });
    const serve = [...enter, "docker-registry", "serve", config];
    const child = spawn("nsenter", serve, { env: { PATH }, stdio: ["ignore", log, log] });
    const registry = new Registry(folder, child, host);
    const isUp = await waitUntil(() => registry.log.includes("listening on"), { withinMs: START_MS });
    if (isUp) return registry;
    const said = registry.log.trim().split("\n").slice(-3).join(" | ");
    await registry.dispose();
    throw new Error(`docker-registry did not start: ${said}`);
  }

  /** What it has been asked for, and more. */
  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** Answers nobody from now on, until `resume`; connections stay open. */
  pause() {
    this.process.kill("SIGSTOP");
  }
  resume() {
    this.process.kill("SIGCONT");
  }

  async dispose() {
    const ended = new Promise<void>((resolve) => this.process.once("exit", () => resolve()));
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
