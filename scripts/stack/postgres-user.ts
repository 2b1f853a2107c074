import { spawnSync } from "node:child_process";
import { chownSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

const USER = "postgres";
const CAP_SETPCAP_BIT = 8n;
const CAP_DAC_OVERRIDE_BIT = 1n;

/** Who Postgres runs as: it refuses root, so root starts it as the system user `postgres`. */
export interface PostgresUser {
  /** Put before every Postgres command. */
  prefix: string[];
  /** Hands a file or folder to that user. */
  own: (path: string) => void;
}

/**
 * Throws with what to do when root can't run it: no `setpriv`, no user, or a folder that the user can't enter.
 * @param paths what Postgres has to reach: its program and its data
 */
export function postgresUser(paths: string[]): PostgresUser {
  if (process.getuid?.() !== 0) return { prefix: [], own: () => {} };
  const { uid, gid } = systemUser();
  const prefix = [
    "setpriv",
    "--reuid",
    String(uid),
    "--regid",
    String(gid),
    "--clear-groups",
    "--no-new-privs",
  ];
  const closed = paths.map(closedFolder).find((folder) => folder !== undefined);
  if (closed !== undefined) prefix.push(...passThrough(closed));
  return { prefix, own: (path) => chownSync(path, uid, gid) };
}

/**
 * Lets the user through folders like /root (mode 0700) by one capability, CAP_DAC_OVERRIDE.
 * `no_setuid_fixup` because access(2), which Postgres asks about its own program, else ignores capabilities.
 */
function passThrough(closed: string): string[] {
  const held = BigInt(`0x${/^CapPrm:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  const has = (bit: bigint) => ((held >> bit) & 1n) === 1n;
  if (!has(CAP_DAC_OVERRIDE_BIT) || !has(CAP_SETPCAP_BIT)) {
    throw new Error(
      `Postgres runs as user "${USER}", which may not enter ${closed}: \`chmod o+x ${closed}\`, or move the clone.`,
    );
  }
  const capability = "-all,+dac_override";
  return ["--inh-caps", capability, "--ambient-caps", capability, "--securebits", "+no_setuid_fixup"];
}

/** The first folder on the way to `path` that others may not enter. */
function closedFolder(path: string): string | undefined {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return folder;
  }
  return undefined;
}

function systemUser(): { uid: number; gid: number } {
  const known = lookUp();
  if (known !== undefined) return known;
  spawnSync("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    USER,
  ]);
  // Another start may have made it at the same moment, so only the look-up decides.
  const made = lookUp();
  if (made === undefined) {
    throw new Error(
      `Postgres does not run as root and the user "${USER}" could not be made: make it, or start as another user.`,
    );
  }
  return made;
}

function lookUp(): { uid: number; gid: number } | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${USER}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
