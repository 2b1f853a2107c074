import { join } from "node:path";
import { bunPath, rootDir } from "../setup/paths.mjs";
import type { Secrets } from "./secrets.ts";
import type { ServiceSpec } from "./service.ts";

export type ProcessName = "hub" | "gateway" | "runner";

export interface Wiring {
  dataDir: string;
  databaseUrl: string;
  adminEmail: string;
  secrets: Secrets;
  ports: Record<ProcessName, number>;
  /** What the caller adds to (or overrides in) each process's environment. */
  env: Record<string, string>;
  /** `NAME=value` by which what is left of this stack can be found. */
  mark: { name: string; value: string };
}

const ENTRIES: Record<ProcessName, string> = {
  hub: "apps/hub/src/main.ts",
  gateway: "apps/inference-gateway/src/main.ts",
  runner: "apps/node-runner/src/main.ts",
};

/** Left to itself Bun lets a third more garbage pile up while the hub carries files, and is no quicker for it. */
const FLAGS: Record<ProcessName, readonly string[]> = { hub: ["--smol"], gateway: [], runner: [] };

/** A runner first stops its sessions, the hub hands its work back: each its own patience. */
const GRACE_MS: Record<ProcessName, number> = { hub: 20_000, gateway: 15_000, runner: 30_000 };

/** Only the hub may know these: a taken-over runner or gateway must not reach database, queue or mail. */
const HUB_ONLY = /^(DATABASE_URL|REDIS_URL|S3_|AWS_|SMTP_|PODIUM_SECRET|PODIUM_ADMIN)/;
/** npm's own variables, the tests' servers and ours for this process are not the children's. */
const NEVER_PASSED = /^(npm_|TEST_|PODIUM_PARENT$|NODE_ENV$)/;

export function hubUrl(wiring: Wiring): string {
  return `http://127.0.0.1:${wiring.ports.hub}`;
}

export function gatewayUrl(wiring: Wiring): string {
  return `http://127.0.0.1:${wiring.ports.gateway}`;
}

/** How one of Podium's processes is started in this clone. */
export function processSpec(name: ProcessName, wiring: Wiring): ServiceSpec {
  return {
    name,
    command: [bunPath(), ...FLAGS[name], join(rootDir, ENTRIES[name])],
    cwd: wiring.dataDir,
    env: environment(name, wiring),
    logPath: join(wiring.dataDir, "logs", `${name}.log`),
    stopSignal: "SIGTERM",
    graceMs: GRACE_MS[name],
    isReady: () => answersReady(`http://127.0.0.1:${wiring.ports[name]}/readyz`),
  };
}

function environment(name: ProcessName, wiring: Wiring): Record<string, string> {
  const all = { ...(process.env as Record<string, string>), ...wiring.env };
  const passed = Object.entries(all).filter(
    ([key]) => !NEVER_PASSED.test(key) && (name === "hub" || !HUB_ONLY.test(key)),
  );
  return {
    LOG_LEVEL: "info",
    ...Object.fromEntries(passed),
    ...OWN_ENVIRONMENT[name](wiring),
    [wiring.mark.name]: wiring.mark.value,
    PODIUM_EXIT_WITH_PARENT: "1",
  };
}

/** Memory of large requests that was freed is used again, instead of being given back and asked for anew each time. */
const MEMORY = { MIMALLOC_PURGE_DELAY: "1000" };

const OWN_ENVIRONMENT: Record<ProcessName, (wiring: Wiring) => Record<string, string>> = {
  hub: (wiring) => ({
    DATABASE_URL: wiring.databaseUrl,
    PODIUM_HUB_HOST: "127.0.0.1",
    PODIUM_HUB_PORT: String(wiring.ports.hub),
    PODIUM_PUBLIC_URL: wiring.env["PODIUM_PUBLIC_URL"] ?? hubUrl(wiring),
    PODIUM_DATA: join(wiring.dataDir, "blobs"),
    PODIUM_SECRET: wiring.secrets.hubSecret,
    PODIUM_GATEWAY_TOKEN: wiring.secrets.gatewayToken,
    PODIUM_JOIN_TOKEN: wiring.secrets.joinToken,
    PODIUM_ADMIN_EMAIL: wiring.adminEmail,
    PODIUM_ADMIN_PASSWORD: wiring.secrets.adminPassword,
    PODIUM_WEB_DIST: join(rootDir, "apps", "web", "dist"),
  }),
  gateway: (wiring) => ({
    ...MEMORY,
    HUB_URL: hubUrl(wiring),
    PODIUM_GATEWAY_TOKEN: wiring.secrets.gatewayToken,
    PODIUM_GATEWAY_HOST: "127.0.0.1",
    // Nobody else takes over on this machine, so nobody needs time to see that it goes.
    PODIUM_GATEWAY_DRAIN_MS: wiring.env["PODIUM_GATEWAY_DRAIN_MS"] ?? "0",
    PODIUM_GATEWAY_PORT: String(wiring.ports.gateway),
    PODIUM_GATEWAY_DATA: join(wiring.dataDir, "gateway"),
    PODIUM_GATEWAY_PUBLIC_URL: wiring.env["PODIUM_GATEWAY_PUBLIC_URL"] ?? gatewayUrl(wiring),
  }),
  runner: (wiring) => ({
    ...MEMORY,
    HUB_URL: hubUrl(wiring),
    PODIUM_JOIN_TOKEN: wiring.secrets.joinToken,
    PODIUM_NODE_NAME: wiring.env["PODIUM_NODE_NAME"] ?? "local",
    PODIUM_RUNNER_DATA: join(wiring.dataDir, "runner"),
    PODIUM_RUNNER_PORT: String(wiring.ports.runner),
    PODIUM_SDK_PATH: join(rootDir, "sdk", "python", "src"),
  }),
};

async function answersReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
