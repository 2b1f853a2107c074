import { test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { podiumDir } from "../setup/paths.mjs";

export type Requirement =
  | "chromium"
  | "bubblewrap"
  | "docker"
  | "redis"
  | "registry"
  | "s3"
  | "scikit-learn"
  | "tritonclient";

export interface Availability {
  available: boolean;
  /** The program, when it is there. */
  path: string | undefined;
  /** Why it can't be used; empty when it can. */
  reason: string;
}

interface Probe {
  programs: string[];
  /** Arguments of a call that succeeds only when the program really works here; `IN_SHELL` and a command of its own. */
  check: string[];
  /** The Debian package to install, or whatever else makes it be there. */
  package: string;
}

const IN_SHELL = ["sh", "-c"];

const PROBES: Record<Requirement, Probe> = {
  chromium: {
    programs: ["chromium", "chromium-browser", "google-chrome"],
    check: ["--version"],
    package: "chromium",
  },
  bubblewrap: { programs: ["bwrap"], check: ["--ro-bind", "/", "/", "true"], package: "bubblewrap" },
  // A daemon that answers, or what is needed to start one, and apt for the image that tests run in.
  docker: {
    programs: ["docker"],
    check: [...IN_SHELL, "docker version >/dev/null 2>&1 || { [ $(id -u) = 0 ] && dockerd --version; }"],
    package: "docker.io",
  },
  redis: { programs: ["redis-server"], check: ["--version"], package: "redis-server" },
  registry: { programs: ["docker-registry"], check: ["--version"], package: "docker-registry" },
  s3: {
    programs: ["moto_server", join(podiumDir, "moto", "bin", "moto_server")],
    check: ["--help"],
    package: "none: `python3 -m venv .podium/moto && .podium/moto/bin/pip install 'moto[server]==5.2.5'`",
  },
  "scikit-learn": {
    programs: [join(podiumDir, "bench-venv", "bin", "python"), "python3"],
    check: ["-c", "import sklearn"],
    package:
      "python3-sklearn, or `python3 -m venv .podium/bench-venv && .podium/bench-venv/bin/pip install scikit-learn`",
  },
  tritonclient: {
    programs: [join(podiumDir, "triton-venv", "bin", "python")],
    check: ["-c", "import tritonclient.http"],
    package:
      "none: `python3 -m venv .podium/triton-venv && .podium/triton-venv/bin/pip install 'tritonclient[http]==2.73.0'`",
  },
};

const known = new Map<Requirement, Availability>();

/** Whether this machine has what some tests need besides npm packages and Python. */
export function requires(requirement: Requirement): Availability {
  const answer = known.get(requirement) ?? probe(PROBES[requirement]);
  known.set(requirement, answer);
  return answer;
}

/**
 * `test` for what this machine may be unable to run: then it is skipped and a line `SKIPPED: what: why` says so,
 * which `npm test` repeats at its end. With CI=true nothing may be skipped, so there it fails.
 */
export function testIf(
  requirement: Requirement,
  name: string,
  body: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  const { available, reason } = requires(requirement);
  if (available) {
    test(name, body, timeoutMs);
  } else if (process.env["CI"] === "true") {
    test(name, () => {
      throw new Error(`With CI=true nothing may be skipped, and ${requirement} is missing: ${reason}`);
    });
  } else {
    console.log(`SKIPPED: ${name}: ${reason}`);
    test.skip(name, body);
  }
}

function probe({ programs, check, package: packageName }: Probe): Availability {
  const path = programs.map((program) => Bun.which(program)).find((found) => found !== null);
  if (path === undefined || path === null) {
    return {
      available: false,
      path: undefined,
      reason: `${programs[0]} is not installed (Debian package ${packageName})`,
    };
  }
  const [command, args] = check[0] === IN_SHELL[0] ? ["/bin/sh", check.slice(1)] : [path, check];
  const done = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  if (done.status === 0) return { available: true, path, reason: "" };
  const said = `${done.stderr ?? ""}`.trim().split("\n").at(-1) || (done.error?.message ?? "no answer");
  return { available: false, path, reason: `${path} does not work here: ${said.slice(0, 160)}` };
}
