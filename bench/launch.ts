// From an accepted run to the script's first line, everything cached: over a bare spawn, and against a bare docker run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerEnv } from "../apps/node-runner/src/testing/docker.ts";
import { startStack } from "../scripts/stack/stack.ts";
import { DockerDaemon } from "../scripts/testing/docker-daemon.ts";
import { requires } from "../scripts/testing/requires.ts";
import { ended, logOf, type Person, push, signUp } from "../tests/lib/person.ts";
import { median } from "./lib/median.ts";
import { type Aim, report } from "./lib/report.ts";

const ROUNDS = 20;
/** What the script's clock says is printed first: it is this machine's, as the hub's and the bench's are. */
const FIRST_LINE = "import time; print(time.time(), flush=True)";
/** As `podium run` asks for, unless it is told otherwise. */
const CPU_MILLI = 1000;
const MEMORY_BYTES = 512 * 1024 ** 2;
const MOST_OVER_SPAWN_MS = 150;
const MOST_TIMES_DOCKER = 1.5;

interface Launches {
  podiumMs: number[];
  bareMs: number[];
}

const folder = mkdtempSync(join(tmpdir(), "podium-bench-launch-"));
const figures: Record<string, number> = {};
const aims: Aim[] = [];
try {
  // A version manager's shim would flatter the comparison.
  const python = (await Bun.$`python3 -c "import sys; print(sys.executable)"`.quiet().text()).trim();
  const processes = await compare({ PODIUM_EXECUTOR: "process" }, [python, "-c", FIRST_LINE]);
  add("process", processes);
  const over = median(processes.podiumMs) - median(processes.bareMs);
  aims.push(aimOf("process: over a bare spawn of Python", "ms", MOST_OVER_SPAWN_MS, over));

  const docker = await compareDocker();
  if (docker) add("docker", docker);
  const times = docker && median(docker.podiumMs) / median(docker.bareMs);
  aims.push(aimOf("docker: times a bare docker run of the same image", "×", MOST_TIMES_DOCKER, times));
  report({ bench: "launch", figures, aims });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Null, with the reason on stderr, where there is no Docker. */
async function compareDocker(): Promise<Launches | null> {
  const { available, reason } = requires("docker");
  if (!available) {
    console.error(`Docker is not measured: ${reason}`);
    return null;
  }
  const daemon = await DockerDaemon.start();
  try {
    const env = await dockerEnv(daemon.host);
    const image = env["PODIUM_DEFAULT_IMAGE"] ?? "";
    const limits = ["--network", "none", "--cpus", `${CPU_MILLI / 1000}`, "--memory", `${MEMORY_BYTES}`];
    const bare = ["docker", "-H", daemon.host, "run", "--rm", ...limits, image, "python3", "-c", FIRST_LINE];
    return await compare(env, bare);
  } finally {
    await daemon.dispose();
  }
}

/** Launches by Podium and bare ones in turns; the first of each fills the caches and is left out. */
async function compare(env: Record<string, string>, bare: readonly string[]): Promise<Launches> {
  const dataDir = join(folder, env["PODIUM_EXECUTOR"] ?? "");
  const stack = await startStack({ dataDir, fresh: true, processes: ["hub", "runner"], env });
  try {
    const person = await signUp(stack.hubUrl);
    const codeTree = await push(person, stack.hubUrl, { "main.py": FIRST_LINE });
    const launches: Launches = { podiumMs: [], bareMs: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      const [podiumMs, bareMs] = [await launchMs(person, codeTree), await spawnMs(bare)];
      if (round === 0) continue;
      launches.podiumMs.push(podiumMs);
      launches.bareMs.push(bareMs);
    }
    return launches;
  } finally {
    await stack.stop();
  }
}

/** Milliseconds from the hub's acceptance of a session to its script's first line. */
async function launchMs(person: Person, code_tree: string): Promise<number> {
  const body = { code_tree, resources: { cpu_milli: CPU_MILLI, memory_bytes: MEMORY_BYTES } } as never;
  const { data, error } = await person.api.POST("/api/v1/sessions", { body });
  if (!data) throw new Error(`The session was refused: ${JSON.stringify(error)}`);
  const session = await ended(person, data.id);
  const [line = ""] = await logOf(person, session.id);
  if (session.state !== "succeeded") throw new Error(`The session failed: ${session.failure?.message}`);
  return Number(line) * 1000 - new Date(session.created_at).getTime();
}

/** Milliseconds from the call that starts the command to its first line. */
async function spawnMs(command: readonly string[]): Promise<number> {
  const started = performance.timeOrigin + performance.now();
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const line = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed.`);
  return Number(line) * 1000 - started;
}

function add(name: string, { podiumMs, bareMs }: Launches) {
  figures[`${name}_podium_ms`] = median(podiumMs);
  figures[`${name}_podium_p95_ms`] = nearRank(podiumMs, 0.95);
  figures[`${name}_bare_ms`] = median(bareMs);
  figures[`${name}_bare_p95_ms`] = nearRank(bareMs, 0.95);
}

function nearRank(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}

function aimOf(name: string, unit: string, aim: number, measured: number | null): Aim {
  return { name, unit, aim, measured, met: measured === null ? null : measured <= aim };
}
