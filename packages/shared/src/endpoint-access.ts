import { z } from "zod";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

/** What a key opens: calls of the model, what is told about it, and jobs that are submitted and asked for later. */
export const keyScopeSchema = z.enum(["infer", "metadata", "jobs"]).meta({ id: "KeyScope" });
export type KeyScope = z.infer<typeof keyScopeSchema>;
export const KEY_SCOPES = keyScopeSchema.options;

/** A token bucket: `burst` calls at once, filled again at `per_second`. Held over all gateways together. */
export const rateLimitSchema = z
  .strictObject({
    per_second: z.number().positive().max(1_000_000),
    burst: z.number().int().min(1).max(1_000_000),
  })
  .meta({ id: "RateLimit" });
export type RateLimit = z.infer<typeof rateLimitSchema>;

export const originSchema = z
  .string()
  .max(300)
  .refine((text) => text === "*" || isOrigin(text), {
    message: "must be an origin such as https://shop.example.org (no path, no slash at its end), or *",
  });

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

const callsSchema = z.number().int().min(1).max(1_000_000_000_000);

/** How an endpoint may be called, beside by whom. */
export const endpointSettingsSchema = z
  .object({
    public: z.boolean(),
    timeout_ms: z.number().int(),
    max_queue: z.number().int(),
    max_body_bytes: z.number().int(),
    cors_origins: z.array(z.string()).describe("Origins whose pages may call it; * stands for all"),
    rate: rateLimitSchema.nullable().describe("Of all callers together"),
    address_rate: rateLimitSchema.nullable().describe("Of each address that calls without a key"),
  })
  .meta({ id: "EndpointSettings" });

/** What is left out stays as it is; null takes a limit away. */
export const editEndpointSchema = z.strictObject({
  public: z.boolean().optional(),
  timeout_ms: z.number().int().min(100).max(600_000).optional(),
  max_queue: z.number().int().min(1).max(100_000).optional(),
  max_body_bytes: z
    .number()
    .int()
    .min(1)
    .max(64 * 1024 ** 2)
    .optional(),
  cors_origins: z.array(originSchema).max(50).optional(),
  rate: rateLimitSchema.or(z.null()).optional(),
  address_rate: rateLimitSchema.or(z.null()).optional(),
});

export const createEndpointKeySchema = z.strictObject({
  name: z.string().min(1).max(100),
  expires_in_days: z.number().int().positive().max(3650).optional(),
  scopes: z
    .array(keyScopeSchema)
    .min(1)
    .default([...KEY_SCOPES]),
  versions: z
    .array(z.number().int().positive())
    .min(1)
    .max(100)
    .optional()
    .describe("Model versions it may call, each by its number; left out: whatever answers"),
  rate: rateLimitSchema.optional(),
  calls_per_day: callsSchema.optional().describe("A day of UTC"),
  calls_per_month: callsSchema.optional().describe("A month of UTC"),
});

export const newEndpointKeySchema = z
  .object({ id: idSchema("endpointKey"), key: z.string().describe("Shown once") })
  .meta({ id: "NewEndpointKey" });

export const rotateKeySchema = z.strictObject({
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(0)
    .describe("How long the old secret stays valid beside the new one"),
});

export const endpointKeySchema = z
  .object({
    id: idSchema("endpointKey"),
    name: z.string(),
    endpoint: slugSchema.nullable().describe("null: all endpoints of the team"),
    team: z.string(),
    scopes: z.array(keyScopeSchema),
    versions: z.array(z.number().int()).nullable(),
    rate: rateLimitSchema.nullable(),
    calls_per_day: z.number().int().nullable(),
    calls_per_month: z.number().int().nullable(),
    calls_today: z.number().int(),
    calls_this_month: z.number().int(),
    expires_at: z.iso.datetime({ offset: true }).nullable(),
    old_secret_until: z.iso.datetime({ offset: true }).nullable().describe("After a rotation with overlap"),
    last_used_at: z.iso.datetime({ offset: true }).nullable(),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "EndpointKey" });

/** Calls of a key as the hub has them, so that each gateway knows what the others let through. */
const quotaUseSchema = z.object({
  key_id: idSchema("endpointKey"),
  day: z.iso.date(),
  calls_today: z.number().int().nonnegative(),
  calls_this_month: z.number().int().nonnegative(),
});
export type QuotaUse = z.infer<typeof quotaUseSchema>;

/** What a gateway is told when it says that it is up. */
export const gatewayNewsSchema = z
  .object({
    gateways: z
      .array(z.object({ id: idSchema("gateway"), url: z.string().describe("Where the others reach it") }))
      .describe("Those that are up: limits are divided among them"),
    quotas: z.array(quotaUseSchema).describe("Of the keys that have a quota"),
    pages: z
      .array(z.string())
      .optional()
      .describe("Origins of the hub's own pages, which may call every endpoint: they have a form to try it"),
  })
  .meta({ id: "GatewayNews" });
export type GatewayNews = z.infer<typeof gatewayNewsSchema>;
