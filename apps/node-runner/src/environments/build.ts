import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LaunchSpec, Place } from "../executors/executor.ts";
import { measure } from "../scratch/measure.ts";
import { giveTo } from "../supervision/attempt-folder.ts";
import { addPackages } from "./add-packages.ts";
import { BuildFailed } from "./build-failed.ts";
import type { BuildInput } from "./build-input.ts";
import { runStep } from "./build-step.ts";
import { makeLog } from "./make-log.ts";
import { readList } from "./read-list.ts";
import { tellingLine } from "./telling-line.ts";

/** Where a session finds its environment. Its programs name this path, so it is the same while it is built. */
export const ENVIRONMENT_INSIDE = "/opt/podium/environment";
const SDK_INSIDE = "/opt/podium/sdk";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const DPKG = "/var/lib/dpkg";
const MIB = 1024 ** 2;
const REQUIREMENTS = "requirements.txt";
/** The exit codes with which _build.py says what it could not install. */
const SETUP_FAILED = 3;
const REQUIREMENTS_FAILED = 4;

/** What goes when a build has ended. */
export const scratchOf = (folder: string) =>
  ["files", "home", "tmp", "packages", "build.log"].map((name) => join(folder, name));
export const venvOf = (folder: string) => join(folder, "venv");

/**
 * Builds an environment from files that nobody here trusts: sandboxed as a session is, without data or secrets, and
 * with nothing left running behind. Returns the image that it is to be used in. @throws BuildFailed; the signal's
 * reason once everything is stopped
 */
export async function build(input: BuildInput): Promise<string | null> {
  const image = await addPackages(input);
  const { folder, executor } = input;
  for (const name of ["home", "tmp", "venv"])
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  for (const name of ["files", "home", "tmp", "venv"]) await giveTo(executor.owner, join(folder, name));
  const log = await makeLog(join(folder, "build.log"), executor.owner);
  const requirements = await readList(join(folder, "files"), REQUIREMENTS);
  const { exit_code, last } = await runStep(input, {
    log,
    start: async () => executor.start(await specOf({ ...input, image }, log)),
    size: () => measure(folder),
  });
  if (exit_code === 0) return image;
  if (input.settings.network === null)
    input.onLine(
      "[podium] Builds have no network on this node (PODIUM_BUILD_NETWORK is none): bring wheels in the code",
    );
  const files: Record<number, string> = { [SETUP_FAILED]: "setup.py", [REQUIREMENTS_FAILED]: REQUIREMENTS };
  const name = files[exit_code ?? 0];
  const file = name ? { name, text: name === REQUIREMENTS ? requirements : null } : null;
  throw new BuildFailed(tellingLine(last, file));
}

async function specOf(input: BuildInput, log: string): Promise<LaunchSpec> {
  const { marker, folder, image, executor, settings } = input;
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
  // Where packages can be added to an image they have been.
  if (executor.packages !== null) options.push("--skip-packages");
  else if (executor.confined && (await isThere(DPKG))) places.push(place(DPKG, DPKG));
  return {
    attempt_id: marker,
    folder,
    output_log: log,
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
    // Certificates of the system, as pip has them; the name changed with uv's versions.
    UV_NATIVE_TLS: "1",
    UV_SYSTEM_CERTS: "1",
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
