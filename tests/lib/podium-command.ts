import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cliPath } from "../../scripts/setup/paths.mjs";

const SAMPLE_MS = 50;

/** A `podium` that runs as a process of its own. */
export interface Command {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** All that it printed on either stream so far. */
  output(): string;
  done: Promise<{ code: number; output: string; peakBytes: number; seconds: number }>;
}

/** Starts the command line of this clone for somebody with a token, with a home of its own in `home`. */
export function podium(args: string[], options: { url: string; token: string; home: string }): Command {
  const started = performance.now();
  const child = Bun.spawn([cliPath, ...args], {
    env: {
      PATH: "/usr/bin:/bin",
      HOME: options.home,
      PODIUM_CONFIG: join(options.home, "config.json"),
      PODIUM_URL: options.url,
      PODIUM_TOKEN: options.token,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const part of stream as unknown as AsyncIterable<Uint8Array>) output += decoder.decode(part);
  };
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakMemoryBytes(child.pid));
  }, SAMPLE_MS);
  const finish = async () => {
    await Promise.all([read(child.stdout), read(child.stderr)]);
    const code = await child.exited;
    clearInterval(timer);
    return { code, output, peakBytes, seconds: (performance.now() - started) / 1000 };
  };
  return {
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    output: () => output,
    done: finish(),
  };
}

/** The most memory that a running process has held (its peak resident set), bytes; 0 once it is gone. */
export function peakMemoryBytes(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
