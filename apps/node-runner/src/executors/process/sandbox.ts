import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Device } from "@podium/shared";
import type { LaunchSpec } from "../executor.ts";
import { inOwnNetwork, OWN_NETWORK, type OwnNetwork } from "./own-network.ts";
import type { Python } from "./python.ts";
import { INNER_LIMITS } from "./wrapper.ts";

export interface Sandbox {
  /** path of `bwrap` */
  program: string;
  /** options that not every version knows */
  extra: string[];
  /** generated files that stand in for the machine's own list of users */
  passwd: string;
  group: string;
  network: OwnNetwork | null;
  /** for people; null where this machine can give networks of their own */
  whyNoNetwork: string | null;
}

/** Uid and gid that a session has in its own eyes. Outside it is the runner's user, without any capability. */
export const INSIDE_ID = 1000;

const SYSTEM_FOLDERS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const ETC = [
  "alternatives",
  "fonts",
  "hosts",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "nsswitch.conf",
  "protocols",
  "services",
  "ssl/certs",
];

/**
 * The command line that runs a session in bubblewrap: no network, no other process, no file but its places and the
 * system's programs read-only. It must not die with its parent: a session outlives the runner. A `shell` in place of its
 * script does, and keeps the terminal that it was started in, which is its own.
 */
export function sandboxCommand(
  sandbox: Sandbox,
  python: Python,
  spec: LaunchSpec,
  shell: readonly string[] | null = null,
): string[] {
  const { network } = sandbox;
  const command = bubblewrap(sandbox, python, spec, shell);
  return network && spec.network === OWN_NETWORK ? inOwnNetwork(network, spec.folder, command) : command;
}

function bubblewrap(
  sandbox: Sandbox,
  python: Python,
  spec: LaunchSpec,
  shell: readonly string[] | null,
): string[] {
  return [
    sandbox.program,
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...networkOptions(sandbox, spec.network),
    shell ? "--die-with-parent" : "--new-session",
    ...["--cap-drop", "ALL", "--hostname", "podium"],
    ...["--uid", String(INSIDE_ID), "--gid", String(INSIDE_ID)],
    ...sandbox.extra,
    ...systemBinds(sandbox, python),
    ...["--proc", "/proc", "--dev", "/dev"],
    // Shared memory counts as nobody's until it is touched, so it gets a bound of its own.
    ...["--perms", "1777", "--size", String(spec.shm_bytes), "--tmpfs", "/dev/shm"],
    ...deviceBinds(spec.devices),
    ...spec.places.flatMap((place) => [place.writable ? "--bind" : "--ro-bind", place.host, place.inside]),
    ...readOnlyProc(spec.devices),
    ...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", spec.cwd, "--"],
    ...["/bin/sh", "-c", INNER_LIMITS, "podium", String(spec.max_processes)],
    ...(shell ?? [spec.program ?? spec.python ?? python.executable, ...spec.argv]),
  ];
}

function networkOptions({ network: own }: Sandbox, network: string | null): string[] {
  if (network === "host") return ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"];
  if (own && network === OWN_NETWORK) return ["--ro-bind", own.resolv, "/etc/resolv.conf"];
  return ["--unshare-net"];
}

function systemBinds(sandbox: Sandbox, python: Python): string[] {
  const binds = ["--ro-bind", "/usr", "/usr"];
  for (const folder of SYSTEM_FOLDERS) {
    const link = linkTarget(folder);
    if (link) binds.push("--symlink", link, folder);
    else binds.push("--ro-bind-try", folder, folder);
  }
  for (const name of ETC) binds.push("--ro-bind-try", `/etc/${name}`, `/etc/${name}`);
  binds.push("--ro-bind", sandbox.passwd, "/etc/passwd", "--ro-bind", sandbox.group, "/etc/group");
  for (const prefix of python.prefixes) {
    if (prefix !== "/" && !`${prefix}/`.startsWith("/usr/")) binds.push("--ro-bind", prefix, prefix);
  }
  return binds;
}

function deviceBinds(devices: readonly Device[]): string[] {
  if (devices.length === 0) return [];
  const nodes = ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"];
  for (const device of devices) nodes.push(`/dev/nvidia${minorOf(device)}`);
  return [...nodes.flatMap((node) => ["--dev-bind-try", node, node]), "--ro-bind-try", "/sys", "/sys"];
}

/**
 * /proc is read-only too: where the runner is root, its owner inside may write to the kernel's settings. CUDA does not start
 * without files of its own processes that it can write (`cuInit` is 304), so with a GPU it is all but those.
 */
function readOnlyProc(devices: readonly Device[]): string[] {
  if (devices.length === 0) return ["--remount-ro", "/proc"];
  const kernels = readdirSync("/proc", { withFileTypes: true })
    .filter((entry) => !/^\d+$/.test(entry.name) && !entry.isSymbolicLink())
    .map(({ name }) => `/proc/${name}`);
  return kernels.flatMap((path) => ["--ro-bind-try", path, path]);
}

/** The driver's number of a device, which is that of its node in /dev; usually, but not always, its index. */
function minorOf(device: Device): number {
  const folder = "/proc/driver/nvidia/gpus";
  try {
    for (const name of readdirSync(folder)) {
      const text = readFileSync(`${folder}/${name}/information`, "utf8");
      const minor = /^Device Minor:\s+(\d+)/m.exec(text)?.[1];
      if (text.includes(device.uuid) && minor !== undefined) return Number(minor);
    }
  } catch {
    // An older driver has no such folder.
  }
  return device.index;
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}
