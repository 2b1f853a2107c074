import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { podiumDir } from "../setup/paths.mjs";
import { takeLock } from "../stack/lock.ts";
import { waitUntil } from "../stack/wait.ts";

/** What the image holds besides what these need. */
const PACKAGES = ["python3", "dash", "coreutils"];
/** Counts up when the way in which it is made changes. */
const RECIPE = 2;
const USELESS = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian"];
const LOCK_WAIT_MS = 300_000;

interface ImageTar {
  path: string;
  tag: string;
}

/** Asking apt takes seconds, and its answer does not change while tests run. */
const asked = new Map<string, Promise<ImageTar>>();

const cache = join(podiumDir, "cache", "test-image");

/** Whether an image has been made on this machine: the next needs no download, or a small one. */
export function hasTestImage(): boolean {
  return existsSync(cache) && readdirSync(cache).some((name) => name.endsWith(".tar"));
}

/**
 * The tar file of a small Debian system with Python, from this machine's own package sources: no registry is asked.
 * It is made once for each list of packages and kept. Throws what apt said when the packages can't be had.
 */
export function testImageTar(more: readonly string[] = []): Promise<ImageTar> {
  const packages = [...PACKAGES, ...more];
  const key = packages.join(" ");
  const tar = asked.get(key) ?? findOrMake(packages);
  asked.set(key, tar);
  return tar;
}

async function findOrMake(packages: string[]): Promise<ImageTar> {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "no-packages"), "");
  const wanted = run(["apt-get", "install", "-qq", "--print-uris", ...aptOptions(), ...packages]);
  const tag = createHash("sha256").update(`${RECIPE}\n${wanted}`).digest("hex").slice(0, 12);
  const path = join(cache, `${tag}.tar`);
  const release = await lock(join(cache, "lock"));
  try {
    if (!existsSync(path)) make(path, packages);
  } finally {
    release();
  }
  return { path, tag };
}

/** As on a machine on which nothing is installed: then apt names all that the packages need. */
function aptOptions(): string[] {
  return ["--no-install-recommends", "-o", `Dir::State::status=${join(cache, "no-packages")}`];
}

function make(path: string, packages: readonly string[]) {
  const [archives, root] = [join(cache, "archives"), join(cache, "root")];
  for (const folder of [archives, root]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(archives, "partial"), { recursive: true });
  // Debian's system folders are links into /usr, which unpacking must find there.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    run(["ln", "-s", `usr/${name}`, join(root, name)]);
  }
  const download = [
    "--download-only",
    "-y",
    "-o",
    "Acquire::Retries=3",
    "-o",
    `Dir::Cache::archives=${archives}`,
    "-o",
    "APT::Sandbox::User=root",
  ];
  run(["apt-get", "install", "-qq", ...download, ...aptOptions(), ...packages]);
  for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb"))) {
    run(["dpkg-deb", "--extract", join(archives, name), root]);
  }
  for (const name of USELESS) rmSync(join(root, name), { recursive: true, force: true });
  // As installing the packages would: without it every start of Python compiles what it imports.
  run(["chroot", root, "python3", "-m", "compileall", "-q", "/usr/lib"]);
  // What a container must not be able to gain anything from.
  run(["install", "-m", "4755", join(root, "usr/bin/id"), join(root, "usr/bin/setuid-id")]);
  run(["tar", "-C", root, "--numeric-owner", "--owner=0", "--group=0", "-cf", `${path}.new`, "."]);
  renameSync(`${path}.new`, path);
  for (const folder of [archives, root]) rmSync(folder, { recursive: true, force: true });
}

async function lock(path: string): Promise<() => void> {
  let release: (() => void) | undefined;
  const taken = await waitUntil(
    () => {
      try {
        release = takeLock(path, "The test image");
        return true;
      } catch {
        return false;
      }
    },
    { withinMs: LOCK_WAIT_MS },
  );
  if (!taken || !release) throw new Error("Another process has been making the test image for five minutes.");
  return release;
}

function run(command: string[]): string {
  const done = Bun.spawnSync(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  if (done.exitCode === 0) return done.stdout.toString();
  throw new Error(`${command.join(" ").slice(0, 120)}: ${done.stderr.toString().trim().slice(-400)}`);
}
