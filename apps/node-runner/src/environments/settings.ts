import type { Env } from "../env.ts";
import type { Executor } from "../executors/executor.ts";

/** How environments are built on this machine. */
export interface BuildSettings {
  /** As the executor calls it; null: builds reach nothing. */
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
export function buildSettings(env: Env, executor: Executor): BuildSettings {
  return {
    network: env.PODIUM_BUILD_NETWORK === "none" ? null : executor.buildNetwork(env.PODIUM_BUILD_NETWORK),
    timeout_ms: env.PODIUM_BUILD_TIMEOUT_MS,
    memory_bytes: env.PODIUM_BUILD_MEMORY_BYTES,
    limit_bytes: env.PODIUM_ENVIRONMENTS_BYTES,
    max_processes: env.PODIUM_MAX_PROCESSES,
    uv: findUv(env.PODIUM_UV),
    variables: env.build_variables,
    sdk_path: env.PODIUM_SDK_PATH,
  };
}

function findUv(setting: string | undefined): string | null {
  const path = Bun.which(setting ?? "uv");
  if (setting === undefined || path !== null) return path;
  throw new Error(`Bad configuration: PODIUM_UV: there is no program "${setting}".`);
}
