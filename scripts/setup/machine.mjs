import { spawnSync } from "node:child_process";

const MINIMUM_PYTHON = [3, 9];

/** Throws with one line that says what to install when this machine can't run Podium. */
export function checkMachine() {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
    throw new Error(`Podium runs on Linux (x64, arm64); this is ${process.platform} ${process.arch}.`);
  }
  checkNode();
  checkPython();
  if (spawnSync("flock", ["--version"]).error)
    throw new Error("`flock` is missing: install the package util-linux.");
}

export function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Error(`Node 20 or newer is needed; this is ${process.versions.node}.`);
}

function checkPython() {
  const asked = spawnSync("python3", ["-c", "import sys; print(*sys.version_info[:2])"], {
    encoding: "utf8",
  });
  const wanted = MINIMUM_PYTHON.join(".");
  if (asked.status !== 0)
    throw new Error(`Python ${wanted} or newer is needed, and \`python3\` does not run here.`);
  const [major, minor] = asked.stdout.trim().split(" ").map(Number);
  if (major !== MINIMUM_PYTHON[0] || minor < MINIMUM_PYTHON[1]) {
    throw new Error(`Python ${wanted} or newer is needed; \`python3\` is ${major}.${minor}.`);
  }
}
