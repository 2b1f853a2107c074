import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { removeFolder } from "../data/remove.ts";
import { listProcesses } from "../executors/process/proc.ts";
import type { TestHub } from "./test-hub.ts";

const MAIN = join(import.meta.dir, "../main.ts");
const STOP_MS = 20_000;

/** A real runner as a process of its own, on a data folder that survives its deaths. */
export class TestRunner {
  #process: Subprocess<"pipe", "pipe", "pipe"> | null = null;
  output = "";

  private constructor(
    private readonly hub: TestHub,
    readonly data: string,
    private readonly env: Record<string, string>,
  ) {}

  static async create(hub: TestHub, env: Record<string, string> = {}) {
    const data = await mkdtemp(join(tmpdir(), "podium-runner-"));
    return new TestRunner(hub, data, env);
  }

  async start(env: Record<string, string> = {}) {
    const runner = Bun.spawn([process.execPath, MAIN], {
      env: {
        PATH: Bun.env["PATH"] ?? "",
        HUB_URL: this.hub.url,
        PODIUM_JOIN_TOKEN: this.hub.joinToken,
        PODIUM_NODE_NAME: "test-node",
        PODIUM_RUNNER_DATA: this.data,
        PODIUM_EXIT_WITH_PARENT: "1",
        PODIUM_EXECUTOR: "process",
        PODIUM_SANDBOX: "none",
        LOG_LEVEL: "info",
        ...this.env,
        ...env,
      },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#process = runner;
    void this.#read(runner.stdout);
    void this.#read(runner.stderr);
    return runner;
  }

  get pid() {
    return this.#process?.pid ?? 0;
  }

  /** What happens when the program that started the runner is gone. */
  async losesParent(): Promise<number> {
    this.#process?.stdin.end();
    return (await this.#process?.exited) ?? -1;
  }

  /** The death that leaves no time for anything. */
  async kill() {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
  }

  async stop(): Promise<number> {
    this.#process?.kill("SIGTERM");
    const killer = setTimeout(() => this.#process?.kill("SIGKILL"), STOP_MS);
    const code = (await this.#process?.exited) ?? -1;
    clearTimeout(killer);
    return code;
  }

  async dispose() {
    await this.stop();
    await removeFolder(this.data);
  }

  /** Processes of this machine with the word in their command line; a test's own word names its own alone. */
  static alive(word: string): number[] {
    return listProcesses()
      .filter(({ pid }) => commandLine(pid).includes(word))
      .map(({ pid }) => pid);
  }

  async #read(stream: ReadableStream<Uint8Array>) {
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      this.output += decoder.decode(part.value, { stream: true });
    }
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
