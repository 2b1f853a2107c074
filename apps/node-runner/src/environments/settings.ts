import type { Env } from "../env.ts";
import type { ExecutorName } from "../executors/executor.ts";

/** How environments are built on this machine. */
export interface BuildSettings {
  /** `host` or the name of a Docker network; null: builds reach nothing. */
  network: string | null;
  timeout_ms: number;
  memory_bytes: number;
  /** What one build may write, and what all environments may take together. */
  limit_bytes: number;
  max_processes: number;
  /** path of uv on this machine; null: pip */
  uv: string | null;
  /** variables for pip and uv: where packages come from */
  variables: Record<string, string>;
  sdk_path: string;
}

/** Throws one readable line where the settings do not fit the executor or this machine. */
export function buildSettings(env: Env, executor: ExecutorName): BuildSettings {
  return {
    network: networkOf(env.PODIUM_BUILD_NETWORK, executor),
    timeout_ms: env.PODIUM_BUILD_TIMEOUT_MS,
    memory_bytes: env.PODIUM_BUILD_MEMORY_BYTES,
    limit_bytes: env.PODIUM_ENVIRONMENTS_BYTES,
    max_processes: env.PODIUM_MAX_PROCESSES,
    uv: findUv(env.PODIUM_UV),
    variables: env.build_variables,
    sdk_path: env.PODIUM_SDK_PATH,
  };
}

function networkOf(setting: string | undefined, executor: ExecutorName): string | null {
  if (setting === "none") return null;
  if (executor === "docker") return setting ?? "bridge";
  if (setting === undefined || setting === "host") return "host";
  throw new Error(
    `Bad configuration: PODIUM_BUILD_NETWORK: "${setting}" would be a network of Docker, but sessions run as processes here; say host or none.`,
  );
}

function findUv(setting: string | undefined): string | null {
  const path = Bun.which(setting ?? "uv");
  if (setting === undefined || path !== null) return path;
  throw new Error(`Bad configuration: PODIUM_UV: there is no program "${setting}".`);
}
