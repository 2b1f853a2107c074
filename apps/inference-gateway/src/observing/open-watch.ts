import type { Clock } from "../clock.ts";
import type { Env } from "../env.ts";
import type { Log } from "../log.ts";
import { AccessLog } from "./access-log.ts";
import { RequestIds } from "./request-ids.ts";
import { Watch } from "./watch.ts";

interface Means {
  clock: Clock;
  log: Log;
  random: () => number;
  random32: () => number;
}

export interface OpenWatch {
  watch: Watch;
  /** Goes on in a new access log, after the old one was moved away. */
  reopen(): void;
  /** Sends and writes what is left. */
  close(): Promise<void>;
}

/** Opens what looks on, as the environment wants it. Throws a readable error when the access log can't be written. */
export async function openWatch(env: Env, gatewayId: string, means: Means): Promise<OpenWatch> {
  const { clock, log, random, random32 } = means;
  const target = env.PODIUM_GATEWAY_ACCESS_LOG;
  const accessLog = target === "off" ? null : await AccessLog.open(target);
  const tracing = env.tracing && new (await loadTracing())(env.tracing, gatewayId, clock, random, log);
  const prefix = random32().toString(16).padStart(8, "0");
  if (env.tracing) log.info({ to: env.tracing.url }, "Traces are recorded.");
  return {
    watch: new Watch(clock, new RequestIds(prefix), accessLog, tracing),
    reopen: () => accessLog?.reopen(),
    close: async () => {
      await Promise.all([accessLog?.close(), tracing?.stop()]);
    },
  };
}

/** OpenTelemetry's packages are read only where they are used. */
async function loadTracing() {
  return (await import("./tracing.ts")).Tracing;
}
