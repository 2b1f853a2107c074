import { z } from "zod";

const port = z.coerce
  .number("must be a port number, 0 to 65535")
  .int()
  .min(0, "must be a port number, 0 to 65535")
  .max(65_535, "must be a port number, 0 to 65535");
const webAddress = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });

/** A whole number of units, at least one. */
const count = (unit: string, byDefault: number) =>
  z.coerce
    .number(`must be a number of ${unit}`)
    .int(`must be a whole number of ${unit}`)
    .min(1, `must be at least 1 (${unit})`)
    .max(36_500, `must be at most 36500 (${unit})`)
    .default(byDefault);

const S3_NAMES = [
  "S3_ENDPOINT",
  "S3_BUCKET",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
  "S3_REGION",
] as const;

/** The hub's configuration. Every name is an environment variable; docs/guides/operator.md lists them. */
const envSchema = z
  .object({
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" }),
    REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// address" }).optional(),
    PODIUM_HUB_HOST: z.string().default("127.0.0.1"),
    PODIUM_HUB_PORT: port.default(4400),
    PODIUM_PUBLIC_URL: webAddress.optional(),
    /** True behind a proxy that adds the caller's address to X-Forwarded-For: limits then count by that address. */
    PODIUM_TRUST_PROXY: z.stringbool("must be true or false").default(false),
    PODIUM_DATA: z.string().min(1).default(".podium/data/hub"),
    PODIUM_SECRET: z.string().min(32, "must have at least 32 characters: openssl rand -hex 32"),
    PODIUM_GATEWAY_TOKEN: z.string().min(16, "must have at least 16 characters"),
    PODIUM_JOIN_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
    PODIUM_ADMIN_EMAIL: z.email("must be an e-mail address").optional(),
    PODIUM_ADMIN_PASSWORD: z
      .string()
      .min(10, "must have at least 10 characters")
      .max(200, "must have at most 200 characters")
      .optional(),
    PODIUM_WEB_DIST: z.string().optional(),
    PODIUM_LEASE_MS: z.coerce
      .number("must be a number of milliseconds")
      .int("must be a whole number of milliseconds")
      .min(1_000, "must be at least 1000 (milliseconds)")
      .default(60_000),
    PODIUM_INFER_WAIT_HOURS: count("hours", 24),
    /** How long figures of nodes are kept: samples of 10 s, means of minutes and of hours. */
    PODIUM_FIGURES_10S_HOURS: count("hours", 6),
    PODIUM_FIGURES_1M_DAYS: count("days", 14),
    PODIUM_FIGURES_1H_DAYS: count("days", 730),
    PODIUM_STALL_MINUTES: count("minutes", 30),
    /** Sessions whose GPUs are all busy for less than this share are told to their team after so long. */
    PODIUM_IDLE_GPU_PERCENT: z.coerce
      .number("must be a number of percent")
      .gt(0, "must be more than 0 (percent)")
      .max(100, "must be at most 100 (percent)")
      .default(5),
    PODIUM_IDLE_GPU_MINUTES: count("minutes", 30),
    /** Without it no mail is sent. */
    SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: "must be smtp://NAME:PASSWORD@HOST:PORT or smtps://…" })
      .optional(),
    PODIUM_MAIL_FROM: z
      .string()
      .regex(
        /^[^\p{Cc}<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/u,
        "must be an address, such as Podium <podium@example.org>",
      )
      .optional(),
    /** True lets webhooks reach loopback, private and link-local addresses. */
    PODIUM_WEBHOOKS_PRIVATE: z.stringbool("must be true or false").default(false),
    PODIUM_EXIT_WITH_PARENT: z.stringbool("must be true or false").default(false),
    S3_ENDPOINT: webAddress.optional(),
    S3_BUCKET: z.string().optional(),
    S3_ACCESS_KEY_ID: z.string().optional(),
    S3_SECRET_ACCESS_KEY: z.string().optional(),
    S3_REGION: z.string().optional(),
    S3_PREFIX: z
      .string()
      .regex(
        /^[\w.-][\w./-]{0,199}$/,
        "may have letters, digits, '.', '_', '-' and '/', and begin with no '/'",
      )
      .optional(),
    LOG_LEVEL: z
      .enum(
        ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
        "must be trace, debug, info, warn, error, fatal or silent",
      )
      .default("info"),
  })
  .refine((env) => (env.PODIUM_ADMIN_EMAIL === undefined) === (env.PODIUM_ADMIN_PASSWORD === undefined), {
    path: ["PODIUM_ADMIN_PASSWORD"],
    error: "and PODIUM_ADMIN_EMAIL belong together: set both or none",
  })
  .refine((env) => (env.SMTP_URL === undefined) === (env.PODIUM_MAIL_FROM === undefined), {
    path: ["PODIUM_MAIL_FROM"],
    error: "and SMTP_URL belong together: set both or none",
  })
  .superRefine((env, context) => {
    const unset = S3_NAMES.filter((name) => env[name] === undefined);
    if (unset.length === 0 || (unset.length === S3_NAMES.length && env.S3_PREFIX === undefined)) return;
    for (const name of unset) {
      const message = `is not set: ${S3_NAMES.join(", ")} belong together, set all or none (S3_PREFIX is optional)`;
      context.addIssue({ code: "custom", path: [name], message });
    }
  });

export type Env = z.infer<typeof envSchema>;

/** Parses the environment; throws one readable line that names every variable that is wrong. Set to nothing is not set. */
export function parseEnv(source: Record<string, string | undefined> = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = envSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = issue.path.join(".");
    return `${name} ${name in given || issue.code === "custom" ? issue.message : "is not set"}`;
  });
  throw new Error(`Bad configuration: ${[...new Set(problems)].join("; ")}`);
}

/** Where blobs are kept when it is not a folder; null without the `S3_…` variables, of which there are all or none. */
export function s3Of(env: Env) {
  const { S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION } = env;
  if (!S3_ENDPOINT || !S3_BUCKET || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY || !S3_REGION) return null;
  return {
    endpoint: S3_ENDPOINT,
    bucket: S3_BUCKET,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    region: S3_REGION,
    prefix: env.S3_PREFIX ?? "",
  };
}

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/**
 * How long figures are kept, by the seconds that they cover, and how long a session may do nothing or leave its GPUs
 * idle; milliseconds.
 */
export function monitorSettingsOf(env: Env) {
  return {
    kept: {
      10: env.PODIUM_FIGURES_10S_HOURS * HOUR_MS,
      60: env.PODIUM_FIGURES_1M_DAYS * DAY_MS,
      3600: env.PODIUM_FIGURES_1H_DAYS * DAY_MS,
    },
    stallMs: env.PODIUM_STALL_MINUTES * MINUTE_MS,
    idleGpus: {
      share: env.PODIUM_IDLE_GPU_PERCENT / 100,
      lastsMs: env.PODIUM_IDLE_GPU_MINUTES * MINUTE_MS,
    },
  };
}

/** How mail is sent; null without a mail server. */
export function mailSettingsOf({ SMTP_URL: url, PODIUM_MAIL_FROM: from }: Env) {
  return url && from ? { url, from } : null;
}
