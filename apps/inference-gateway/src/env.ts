import { resolve } from "node:path";
import { z } from "zod";
import { callerAddress } from "./admission/caller-address.ts";
import type { TracingSettings } from "./observing/tracing.ts";
import { readTracing, tracingVariables } from "./observing/tracing-env.ts";

/** The gateway's configuration. Every name is an environment variable. */
const envSchema = z.object({
  HUB_URL: z.url({
    protocol: /^https?$/,
    error: "must be the hub's address, such as https://hub.example.org",
  }),
  PODIUM_GATEWAY_TOKEN: z
    .string("must be the secret shared with the hub")
    .min(16, "must be at least 16 characters"),
  PODIUM_GATEWAY_HOST: z.string().min(1).default("127.0.0.1"),
  PODIUM_GATEWAY_PORT: z.coerce.number().int().min(0).max(65_535).default(7401),
  /** Where callers reach this gateway; the hub shows it as the endpoints' address. */
  PODIUM_GATEWAY_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
    .optional(),
  /** Where runners reach this gateway. */
  PODIUM_GATEWAY_REPLICA_URL: z
    .url({ protocol: /^wss?$/, error: "must be a ws:// or wss:// address" })
    .optional(),
  PODIUM_GATEWAY_DATA: z.string().min(1).default(".podium/gateway"),
  /** Bodies that are being received, wait or are computed: more is refused with 429. */
  PODIUM_GATEWAY_MEMORY_MIB: z.coerce.number().int().min(128).max(1_048_576).default(1024),
  /** How long, once asked to stop, it answers on while those who send it calls turn to another gateway. */
  PODIUM_GATEWAY_DRAIN_MS: z.coerce.number().int().min(0).max(600_000).default(5_000),
  /** How long after its start it waits for replicas to dial before it says that it is ready. */
  PODIUM_GATEWAY_WARM_MS: z.coerce.number().int().min(0).max(600_000).default(6_000),
  /** Proxies before it, whose X-Forwarded-For is believed: addresses and networks, separated by commas. */
  PODIUM_GATEWAY_TRUSTED_PROXIES: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .refine(isEveryNetwork, {
      error: "must be addresses or networks such as 10.0.0.0/8, separated by commas",
    }),
  /** How long jobs' results are kept. */
  PODIUM_GATEWAY_JOB_HOURS: z.coerce.number().positive().max(720).default(24),
  /** Disk that jobs may take, in MiB. */
  PODIUM_GATEWAY_JOB_MIB: z.coerce.number().int().min(1).default(4096),
  /** True lets webhooks of jobs reach loopback, private and link-local addresses. */
  PODIUM_WEBHOOKS_PRIVATE: z.stringbool("must be true or false").default(false),
  /** Where one line an answered request goes: `off`, `stdout`, or a file. */
  PODIUM_GATEWAY_ACCESS_LOG: z.string().min(1).default("off"),
  ...tracingVariables,
  PODIUM_EXIT_WITH_PARENT: z.stringbool().default(false),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

function isEveryNetwork(networks: string[]): boolean {
  try {
    callerAddress(networks);
    return true;
  } catch {
    return false;
  }
}

export interface Env extends z.infer<typeof envSchema> {
  /** null: no traces */
  tracing: TracingSettings | null;
}

/** Parses the environment; throws one readable line that names every variable that is wrong. */
export function parseEnv(source: Record<string, string | undefined> = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`Bad configuration: ${problems.join("; ")}`);
  }
  return {
    ...parsed.data,
    HUB_URL: parsed.data.HUB_URL.replace(/\/+$/, ""),
    PODIUM_GATEWAY_DATA: resolve(parsed.data.PODIUM_GATEWAY_DATA),
    tracing: readTracing(parsed.data),
  };
}
