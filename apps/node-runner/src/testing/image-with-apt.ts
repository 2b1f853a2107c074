import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, testImage } from "./docker.ts";

const NAME = "podium-test-apt:latest";

/** A program that says hello, as a Debian package needs no other. */
const CONTROL = `Package: podium-test-greeting
Version: 1.0
Architecture: all
Maintainer: Podium <podium@example.org>
Description: says hello
`;

/** What a system that was only unpacked lacks, so that apt and dpkg work in it, offline. */
const SET_UP = `set -e
mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/apt/lists/partial /var/cache/apt/archives/partial \
  /var/log/apt /etc/apt/apt.conf.d /etc/apt/preferences.d /etc/apt/trusted.gpg.d
touch /var/lib/dpkg/status /etc/podium-test-repository
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/repository ./' > /etc/apt/sources.list
`;

/** The name of an image with pip, apt and a package source of its own that holds `podium-test-greeting`. */
export async function imageWithApt(host: string): Promise<string> {
  const base = await testImage(host, [
    "python3-venv",
    "apt",
    "dpkg",
    "tar",
    "grep",
    "sed",
    "libc-bin",
    "diffutils",
  ]);
  const known = docker(host, "image", "ls", "-q", "--filter", `label=podium.test-base=${base}`, NAME);
  if (known !== "") return NAME;
  const folder = mkdtempSync(join(tmpdir(), "podium-apt-"));
  try {
    makeRepository(folder);
    const container = docker(host, "create", "--network=none", base, "/bin/sh", "-c", SET_UP);
    docker(host, "cp", `${folder}/.`, `${container}:/repository`);
    docker(host, "start", "-a", container);
    docker(host, "commit", "-c", `LABEL podium.test-base=${base}`, container, NAME);
    docker(host, "rm", "-f", container);
    return NAME;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder as apt reads it: one package and the index of it. */
function makeRepository(folder: string) {
  const root = join(folder, "greeting");
  for (const name of ["DEBIAN", "usr/bin"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "DEBIAN/control"), CONTROL);
  writeFileSync(join(root, "usr/bin/greeting"), "#!/bin/sh\necho hello from apt\n", { mode: 0o755 });
  const deb = join(folder, "greeting.deb");
  const made = Bun.spawnSync(["dpkg-deb", "--root-owner-group", "--build", root, deb], { stdin: "ignore" });
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  rmSync(root, { recursive: true });
  const bytes = new Uint8Array(Bun.spawnSync(["cat", deb]).stdout);
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const facts = `Filename: ./greeting.deb\nSize: ${bytes.byteLength}\nSHA256: ${sha256}\n`;
  writeFileSync(join(folder, "Packages"), CONTROL + facts);
}
