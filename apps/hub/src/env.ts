import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

/** The hub's configuration. Every name is an environment variable; docs/guides/operator.md lists them. */
const envSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  PODIUM_HUB_HOST: z.string().default("127.0.0.1"),
  PODIUM_HUB_PORT: port.default(4400),
  PODIUM_PUBLIC_URL: z.url().optional(),
  PODIUM_DATA: z.string().min(1).default(".podium/data/hub"),
  PODIUM_SECRET: z.string().min(32, "must be at least 32 characters: openssl rand -hex 32"),
  PODIUM_GATEWAY_TOKEN: z.string().min(16, "must be at least 16 characters"),
  PODIUM_JOIN_TOKEN: z.string().min(16, "must be at least 16 characters").optional(),
  PODIUM_ADMIN_EMAIL: z.email().optional(),
  PODIUM_ADMIN_PASSWORD: z.string().min(8).optional(),
  PODIUM_WEB_DIST: z.string().optional(),
  PODIUM_LEASE_MS: z.coerce.number().int().min(1_000).default(60_000),
  PODIUM_EXIT_WITH_PARENT: z.stringbool().default(false),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export type Env = z.infer<typeof envSchema>;

/** Parses the environment; throws one readable line that names every variable that is wrong. */
export function parseEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = envSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Error(`Bad configuration: ${problems.join("; ")}`);
}
