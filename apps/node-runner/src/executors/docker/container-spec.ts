import { posix } from "node:path";
import type { Device } from "@podium/shared";
import type Docker from "dockerode";
import type { LaunchSpec, Owner } from "../executor.ts";

const MAX_OPEN_FILES = 65_536;
/** What every Linux allows. */
const FEW_OPEN_FILES = 1024;
/** Relative weights of the CPU when it is short: serving goes before training and batch inference. */
const SHARES = { background: 256, serving: 1024 };
export const LOG_INSIDE = "/run/podium-output.log";

/** Labels by which this runner finds its containers again, and never another's. */
export const LABEL = { attempt: "podium.attempt", node: "podium.node", data: "podium.data" } as const;

/**
 * What is started in a container: the session's output goes straight into its file, past the daemon, so that no line
 * is lost when daemon or runner die. The image's own entrypoint is left out.
 */
const WRAPPER = `unset TINI_KILL_PROCESS_GROUP; exec "$@" >>${LOG_INSIDE} 2>&1`;

type Limited = Pick<LaunchSpec, "cpu_milli" | "memory_bytes" | "shm_bytes" | "max_processes" | "background">;

export interface MachineLimits {
  /** CPUs of the machine: the daemon refuses more */
  cpus: number;
  /** see `openFilesOf` */
  openFiles: number;
}

/** What NVIDIA's runtime, where it is the daemon's default, gives no device for; images of CUDA ask for all of them. */
export const WITHOUT_GPUS = ["NVIDIA_VISIBLE_DEVICES=void"];

export interface ContainerSettings extends MachineLimits {
  name: string;
  labels: Record<string, string>;
  owner: Owner;
  /** generated files that stand in for the image's own list of users */
  passwd: string;
  group: string;
  gpus: "request" | "runtime";
  /** where the image declares volumes of its own */
  volumes: readonly string[];
}

/**
 * How many files a session may have open at once: as many as this machine gives its services, since a daemon that may
 * have fewer itself can't give more. From the text of /proc/PID/limits.
 */
export function openFilesOf(limits: string): number {
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? FEW_OPEN_FILES);
  return Math.min(hard, MAX_OPEN_FILES);
}

/** Everything that holds a session inside its container. */
export function containerOf(spec: LaunchSpec, settings: ContainerSettings): Docker.ContainerCreateOptions {
  const { owner } = settings;
  const gpus = gpuAccess(spec.devices, settings.gpus);
  return {
    name: settings.name,
    Labels: settings.labels,
    Image: spec.image ?? "",
    Hostname: "podium",
    User: `${owner.uid}:${owner.gid}`,
    WorkingDir: spec.cwd,
    Env: variables({ ...spec.env, ...gpus.env, USER: "session", TINI_KILL_PROCESS_GROUP: "1" }),
    Entrypoint: ["/bin/sh", "-c", WRAPPER, "podium"],
    Cmd: [spec.program ?? spec.python ?? "python3", ...spec.argv],
    // The image's own health check would run beside the session.
    Healthcheck: { Test: ["NONE"] },
    StopSignal: "SIGTERM",
    ...(spec.port !== undefined && { ExposedPorts: { [`${spec.port}/tcp`]: {} } }),
    HostConfig: {
      ...confinement(spec.network),
      ...published(spec.port),
      ...limits(spec, settings),
      ...gpus.host,
      Mounts: mounts(spec, settings),
    },
  };
}

/**
 * Mounts for the volumes that an image declares: empty and read-only. Docker would make each a folder on the machine's
 * disk, which a session fills without limit, and takes no anonymous volume that is read-only.
 */
export function emptyVolumes(
  volumes: readonly string[],
  taken: readonly string[] = [],
): Docker.MountSettings[] {
  const targets = new Set(volumes.map((path) => posix.resolve("/", path)).filter((path) => path !== "/"));
  return [...targets]
    .filter((target) => !taken.includes(target))
    .map((target) => ({ Type: "tmpfs", Source: "", Target: target, ReadOnly: true }));
}

/** The port that others reach at this machine's address, under the same number inside. */
function published(port: number | undefined): Docker.HostConfig {
  return port === undefined ? {} : { PortBindings: { [`${port}/tcp`]: [{ HostPort: String(port) }] } };
}

/** What holds for everything that runs in a container here, sessions and trials of images alike. */
export function confinement(network: string | null): Docker.HostConfig {
  return {
    NetworkMode: network ?? "none",
    CapDrop: ["ALL"],
    Privileged: false,
    // Seccomp and the masked paths of /proc and /sys are the daemon's defaults as long as nothing is said of them.
    SecurityOpt: ["no-new-privileges:true"],
    ReadonlyRootfs: true,
    PidMode: "",
    IpcMode: "private",
    UTSMode: "",
    // Reaps orphans and passes signals on; nothing of the daemon's own stands between.
    Init: true,
    AutoRemove: false,
    RestartPolicy: { Name: "no" },
    LogConfig: { Type: "none", Config: {} },
  };
}

export function limits(spec: Limited, { cpus, openFiles }: MachineLimits): Docker.HostConfig {
  return {
    NanoCpus: Math.min(spec.cpu_milli, cpus * 1000) * 1_000_000,
    CpuShares: spec.background ? SHARES.background : SHARES.serving,
    Memory: spec.memory_bytes,
    // Memory and swap together: no swap.
    MemorySwap: spec.memory_bytes,
    ShmSize: spec.shm_bytes,
    PidsLimit: spec.max_processes,
    OomScoreAdj: 500,
    Ulimits: [
      { Name: "core", Soft: 0, Hard: 0 },
      { Name: "nofile", Soft: openFiles, Hard: openFiles },
    ],
  };
}

function mounts(spec: LaunchSpec, { passwd, group, volumes }: ContainerSettings): Docker.MountSettings[] {
  const bind = (host: string, inside: string, writable: boolean): Docker.MountSettings => ({
    Type: "bind",
    Source: host,
    Target: inside,
    ReadOnly: !writable,
    BindOptions: { Propagation: "rprivate" },
  });
  const binds = [
    ...spec.places.map(({ host, inside, writable }) => bind(host, inside, writable)),
    bind(spec.output_log, LOG_INSIDE, true),
    bind(passwd, "/etc/passwd", false),
    bind(group, "/etc/group", false),
  ];
  const taken = binds.map(({ Target }) => Target);
  return [...emptyVolumes(volumes, taken), ...binds];
}

/** `request` is `docker run --gpus device=UUID`; `runtime` is for daemons set up with NVIDIA's own runtime instead. */
function gpuAccess(devices: readonly Device[], way: "request" | "runtime") {
  const uuids = devices.map((device) => device.uuid);
  // Said also where there are none to give: else the image's own word counts, and that is mostly "all".
  const env = { NVIDIA_VISIBLE_DEVICES: uuids.join(",") || "void" };
  if (uuids.length === 0) return { env, host: {} };
  if (way === "runtime") return { env, host: { Runtime: "nvidia" } };
  const request = { Driver: "", Count: 0, DeviceIDs: uuids, Capabilities: [["gpu"]], Options: {} };
  return { env, host: { DeviceRequests: [request] } };
}

const variables = (env: Record<string, string>) =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);
