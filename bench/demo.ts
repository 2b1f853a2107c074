// From a fresh clone to the finished demo: seconds with empty and with filled caches, and memory at its peak.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { rootDir } from "../scripts/setup/paths.mjs";
import { median } from "./lib/median.ts";
import { type MemoryPeaks, watchMemory } from "./lib/memory.ts";
import { report } from "./lib/report.ts";

const WARM_ROUNDS = 3;
const GIB = 1024 ** 3;

/** What a command line belongs to; the first that fits. */
const KINDS: [pattern: RegExp, kind: string][] = [
  [/postgres/, "postgres"],
  [/apps\/hub\/src\/main/, "hub"],
  [/apps\/inference-gateway\/src\/main/, "gateway"],
  [/apps\/node-runner\/src\/main/, "runner"],
  [/apps\/cli\/src\/main/, "cli"],
  [/scripts\/demo\.ts/, "demo"],
  [/vite/, "web_build"],
  [/bun install|npm install/, "install"],
  [/python/, "sessions"],
  [/npm|podium\.mjs/, "npm"],
];

const work = mkdtempSync(join(tmpdir(), "podium-bench-demo-"));
try {
  const env = await separateCaches(work);
  const cold = await runDemo("cold", env);
  const warm: Run[] = [];
  for (let round = 1; round <= WARM_ROUNDS; round++) warm.push(await runDemo(`warm-${round}`, env));
  const peak = warm.reduce((worst, run) =>
    run.peaks.totalBytes > worst.peaks.totalBytes ? run : worst,
  ).peaks;
  const warmSeconds = median(warm.map(({ seconds }) => seconds));
  report({
    bench: "demo",
    figures: {
      cold_s: cold.seconds,
      warm_s: warmSeconds,
      warm_demo_s: median(warm.map(({ demoSeconds }) => demoSeconds)),
      peak_memory_bytes: peak.totalBytes,
      ...figuresOf(peak),
    },
    aims: [
      {
        name: "fresh clone to finished demo, warm caches",
        unit: "s",
        aim: 60,
        measured: warmSeconds,
        met: warmSeconds < 60,
      },
      {
        name: "peak memory of all processes",
        unit: "GiB",
        aim: 1.5,
        measured: peak.totalBytes / GIB,
        met: peak.totalBytes < 1.5 * GIB,
      },
    ],
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}

interface Run {
  seconds: number;
  /** Of those, what the demo itself took: the rest is set-up. */
  demoSeconds: number;
  peaks: MemoryPeaks;
}

/** Clones the commit that is checked out and runs the demo in it once, set-up included. Throws when it fails. */
async function runDemo(name: string, env: Record<string, string>): Promise<Run> {
  const clone = join(work, name);
  await Bun.$`git clone --quiet ${rootDir} ${clone}`;
  const started = performance.now();
  const child = Bun.spawn(["npm", "run", "demo", "--", "--once"], {
    cwd: clone,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const memory = watchMemory(child.pid, kindOf);
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  const seconds = (performance.now() - started) / 1000;
  const peaks = memory.stop();
  const summary = join(clone, ".podium", "demo", "summary.json");
  if (code !== 0 || !existsSync(summary)) {
    throw new Error(
      `The ${name} demo ended with ${code}:\n${`${out}${error}`.split("\n").slice(-30).join("\n")}`,
    );
  }
  const { durations_ms } = (await Bun.file(summary).json()) as { durations_ms: { total: number } };
  const run = { seconds, demoSeconds: durations_ms.total / 1000, peaks };
  console.error(`${name}: ${run.seconds.toFixed(1)} s, ${(run.peaks.totalBytes / GIB).toFixed(2)} GiB`);
  rmSync(clone, { recursive: true });
  return run;
}

/** The reader's environment with a home and caches of its own; only the registry stays the reader's. */
async function separateCaches(dir: string): Promise<Record<string, string>> {
  const home = join(dir, "home");
  mkdirSync(home);
  const registry = (await Bun.$`npm config get registry`.quiet().text()).trim();
  return {
    ...(process.env as Record<string, string>),
    HOME: home,
    XDG_CACHE_HOME: join(home, ".cache"),
    BUN_INSTALL_CACHE_DIR: join(home, ".bun-cache"),
    npm_config_cache: join(home, ".npm"),
    npm_config_userconfig: join(homedir(), ".npmrc"),
    npm_config_registry: registry,
  };
}

function kindOf(command: string): string {
  return KINDS.find(([pattern]) => pattern.test(command))?.[1] ?? "other";
}

function figuresOf({ byKind }: MemoryPeaks): Record<string, number> {
  return Object.fromEntries([...byKind].map(([kind, bytes]) => [`${kind}_peak_bytes`, bytes]));
}
