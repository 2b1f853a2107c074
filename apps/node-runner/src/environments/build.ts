import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SessionFailure } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { folderBytes, readIfThere } from "../data/files.ts";
import type { Ending, Executor, LaunchSpec, Place } from "../executors/executor.ts";
import { GrowingLog } from "./growing-log.ts";
import type { BuildSettings } from "./settings.ts";
import { tellingLine } from "./telling-line.ts";

/** Where a session finds its environment. Its programs name this path, so it is the same while it is built. */
export const ENVIRONMENT_INSIDE = "/opt/podium/environment";
const SDK_INSIDE = "/opt/podium/sdk";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const DPKG = "/var/lib/dpkg";
const POLL_MS = 100;
const MEASURE_EVERY_MS = 3_000;
const MIB = 1024 ** 2;
/** A build that says more is shown from its beginning up to here, and from its end. */
const MAX_LINES = 20_000;
const LAST_LINES = 200;

/** A build that failed for a reason that lies with the files it was made from. */
export class BuildFailed extends Error {
  override readonly name = "BuildFailed";

  get failure(): SessionFailure {
    const hint =
      "The session's log shows the whole build. Nothing of it was kept: change the file and run again.";
    return { code: "prepare_failed", message: this.message, location: null, hint };
  }
}

export interface BuildInput {
  /** by which what runs of this build is found again */
  marker: string;
  /** the environment's own folder; `files` in it holds the files that say what to install */
  folder: string;
  image: string | null;
  executor: Executor;
  settings: BuildSettings;
  clock: Clock;
  onLine(line: string): void;
  signal: AbortSignal;
}

/** The folders of a build: `files`, `home` and `tmp` go when it has ended. */
export const scratchOf = (folder: string) =>
  ["files", "home", "tmp", "build.log"].map((name) => join(folder, name));
export const venvOf = (folder: string) => join(folder, "venv");

/**
 * Builds an environment from files that nobody here trusts: sandboxed as a session is, without data or secrets, and
 * with nothing left running behind. @throws BuildFailed, or the signal's reason once everything is stopped
 */
export async function build(input: BuildInput): Promise<void> {
  const { executor, folder, marker, signal } = input;
  for (const name of ["home", "tmp", "venv"])
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  const requirements = await readIfThere(join(folder, "files", "requirements.txt"));
  const log = new LogKeeper(new GrowingLog(join(folder, "build.log")), input.onLine);
  signal.throwIfAborted();
  const launched = await executor.start(await specOf(input));
  let breach: string | null = null;
  let ending: Ending;
  try {
    breach = await accompany(input, launched, log);
  } finally {
    ending = await executor.killAndConfirm({ attempt_id: marker, folder, handle: launched.handle });
    await log.take(true);
  }
  signal.throwIfAborted();
  if (ending.lost !== null) throw new Error(ending.lost);
  if (ending.oom) breach ??= tooMuch("memory", input.settings.memory_bytes);
  if (breach !== null) throw new BuildFailed(`The environment could not be built: ${breach}.`);
  if (ending.exit_code !== 0) throw new BuildFailed(tellingLine(log.last, ending.exit_code, requirements));
}

/** Waits until the build has ended, or must; the limit that it broke, in words. */
async function accompany(
  { executor, settings, clock, folder, signal }: BuildInput,
  launched: Awaited<ReturnType<Executor["start"]>>,
  log: LogKeeper,
): Promise<string | null> {
  let breach: string | null = null;
  let isOver = false;
  const gone = executor.wait(launched).then(() => {
    isOver = true;
  });
  const unwatch = executor.watch(launched, settings.memory_bytes, ({ memory_bytes, processes }) => {
    if (memory_bytes > settings.memory_bytes) breach ??= tooMuch("memory", settings.memory_bytes);
    if (processes > settings.max_processes)
      breach ??= `it started more than ${settings.max_processes} processes`;
  });
  try {
    const startedMs = clock.elapsedMs();
    for (let measuredMs = startedMs; !isOver && breach === null && !signal.aborted; ) {
      await Promise.race([gone, Bun.sleep(POLL_MS)]);
      await log.take(false);
      const nowMs = clock.elapsedMs();
      if (nowMs - startedMs > settings.timeout_ms)
        breach ??= `it took longer than ${settings.timeout_ms / 1000} s`;
      if (nowMs - measuredMs < MEASURE_EVERY_MS) continue;
      measuredMs = nowMs;
      if ((await folderBytes(folder)) > settings.limit_bytes)
        breach ??= tooMuch("disk", settings.limit_bytes);
    }
  } finally {
    unwatch();
  }
  return breach;
}

const tooMuch = (what: string, bytes: number) => `it used more than ${Math.ceil(bytes / MIB)} MiB of ${what}`;

async function specOf({ marker, folder, image, executor, settings }: BuildInput): Promise<LaunchSpec> {
  const { uv } = settings;
  const place = (host: string, inside: string, writable = false): Place => ({
    host,
    inside: executor.confined ? inside : host,
    writable,
  });
  const files = place(join(folder, "files"), "/build", true);
  const home = place(join(folder, "home"), "/home/session", true);
  const tmp = place(join(folder, "tmp"), "/tmp", true);
  const environment = place(venvOf(folder), ENVIRONMENT_INSIDE, true);
  const sdk = place(settings.sdk_path, SDK_INSIDE);
  const places = [files, home, tmp, environment, sdk];
  const options: string[] = [];
  if (uv !== null) {
    const program = place(uv, "/opt/podium/uv");
    places.push(program);
    options.push("--uv", program.inside);
  }
  // An image brings its own list of packages, and its missing ones were installed before (docker/add-packages.ts).
  if (executor.name === "docker") options.push("--skip-packages");
  else if (executor.confined && (await isThere(DPKG))) places.push(place(DPKG, DPKG));
  return {
    attempt_id: marker,
    folder,
    output_log: join(folder, "build.log"),
    image,
    python: null,
    network: settings.network,
    argv: ["-I", join(sdk.inside, "podium/_build.py"), environment.inside, tmp.inside, ...options],
    cwd: files.inside,
    env: environmentOf(marker, home.inside, tmp.inside, settings.variables),
    places,
    devices: [],
    cpu_milli: 1000,
    memory_bytes: settings.memory_bytes,
    shm_bytes: 64 * MIB,
    max_processes: settings.max_processes,
    background: true,
  };
}

/** Nothing of this machine's own settings, so that the same files are built alike; nothing that asks or shows progress. */
function environmentOf(marker: string, home: string, tmp: string, variables: Record<string, string>) {
  return {
    PATH,
    LANG: "C.UTF-8",
    HOME: home,
    TMPDIR: tmp,
    PODIUM_ATTEMPT: marker,
    PYTHONUNBUFFERED: "1",
    PYTHONHASHSEED: "0",
    SETUPTOOLS_USE_DISTUTILS: "local",
    PIP_CONFIG_FILE: "/dev/null",
    PIP_NO_INPUT: "1",
    PIP_NO_CACHE_DIR: "1",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_PROGRESS_BAR: "off",
    PIP_ROOT_USER_ACTION: "ignore",
    UV_NO_CONFIG: "1",
    UV_NO_PROGRESS: "1",
    UV_LINK_MODE: "copy",
    UV_CACHE_DIR: join(tmp, "uv-cache"),
    UV_PYTHON_DOWNLOADS: "never",
    ...variables,
  };
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Hands the lines on as they come, up to a bound, and keeps the last ones. */
class LogKeeper {
  last: string[] = [];
  #count = 0;

  constructor(
    private readonly log: GrowingLog,
    private readonly onLine: (line: string) => void,
  ) {}

  async take(isEnd: boolean) {
    for (const line of await this.log.read(isEnd)) {
      this.#count++;
      if (this.#count <= MAX_LINES) this.onLine(line);
      this.last.push(line);
      if (this.last.length > 2 * LAST_LINES) this.last = this.last.slice(-LAST_LINES);
    }
    if (!isEnd || this.#count <= MAX_LINES) return;
    this.onLine(`[podium] … ${this.#count} lines in all; the last of them:`);
    for (const line of this.last.slice(-LAST_LINES)) this.onLine(line);
  }
}
