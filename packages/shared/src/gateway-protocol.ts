import { z } from "zod";
import { keyScopeSchema, rateLimitSchema } from "./endpoint-access.ts";
import { idSchema } from "./ids.ts";
import { resultItemSchema, signatureSchema } from "./sdk-protocol.ts";

/**
 * How a replica's WebSocket is closed by its runner: it takes its leave, or the model's process ended by itself.
 * Whatever else a connection ends with says nothing of the model: the runner, its machine or the network went away.
 */
export const REPLICA_CLOSE = { leaves: 1000, modelDied: 4001 } as const;

/** What a gateway needs to serve, as the hub hands it out and as the gateway keeps it on disk. No secrets: only hashes. */
export const routeTableSchema = z
  .object({
    version: z.number().int().nonnegative(),
    endpoints: z.array(
      z.object({
        id: idSchema("endpoint"),
        name: z.string(),
        team: z.string(),
        public: z.boolean().describe("Callable without a key"),
        keys: z.array(
          z.object({
            id: idSchema("endpointKey"),
            sha256: z.string(),
            expires_at: z.iso.datetime({ offset: true }).nullable(),
            // A key that was just rotated stands twice: with the new secret, and with the old one until it expires.
            scopes: z.array(keyScopeSchema).optional().describe("Left out: all"),
            versions: z.array(z.number().int().positive()).optional().describe("Left out: all"),
            rate: rateLimitSchema.optional(),
            calls_per_day: z.number().int().positive().optional(),
            calls_per_month: z.number().int().positive().optional(),
          }),
        ),
        timeout_ms: z.number().int().positive(),
        max_queue: z.number().int().positive().describe("Requests that may wait; more are answered 429"),
        max_body_bytes: z.number().int().positive(),
        cors_origins: z.array(z.string()).optional(),
        rate: rateLimitSchema.optional().describe("Of all callers together"),
        address_rate: rateLimitSchema.optional().describe("Of each address that calls without a key"),
        out_of_credit: z.boolean().optional().describe("Its team has nothing left to pay calls with"),
        bindings: z.array(
          z.object({
            id: idSchema("binding"),
            weight: z.number().nonnegative().describe("Share of the traffic, relative to the other bindings"),
            model: z.string().describe("owner/dataset/N:checkpoint"),
            version: z.number().int().positive(),
            signature: signatureSchema.nullable(),
            replica_sha256: z.array(z.string()).describe("SHA-256 of the tokens of its live replicas"),
            shadow: z
              .object({ percent: z.number().min(0).max(100), tolerance: z.number().min(0).max(1) })
              .optional()
              .describe("It gets copies of others' calls, which nobody waits for"),
            holds: z
              .boolean()
              .optional()
              .describe("May have no replica: its calls wait until the hub has started one"),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "RouteTable" });
export type RouteTable = z.infer<typeof routeTableSchema>;

/** Sent every few seconds: where replicas reach this gateway, and what was used. A usage report is charged once by its id. */
export const gatewayHeartbeatSchema = z.object({
  gateway_id: z.string().regex(/^gtw_[0-9a-f]{32}$/),
  replica_url: z.url().describe("ws:// or wss:// address that runners dial"),
  public_url: z.url(),
});

export const usageReportSchema = z.object({
  gateway_id: z.string().regex(/^gtw_[0-9a-f]{32}$/),
  /** counts 1, 2, 3 … within a gateway id; the hub ignores one that it already has */
  sequence: z.number().int().positive(),
  counted_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("The day that quotas count these calls on"),
  items: z
    .array(
      z.object({
        endpoint_id: idSchema("endpoint"),
        key_id: idSchema("endpointKey").optional().describe("The key they were made with, if any"),
        calls: z.number().int().nonnegative(),
        failed: z.number().int().nonnegative(),
      }),
    )
    .max(10_000),
});

const microseconds = z.number().int().nonnegative().optional();
/**
 * Durations, each measured on one clock: `compute_us` that the model's process worked on a batch (of a stream: until its
 * first piece), `held_us` that the batch waited at the runner behind an earlier one.
 */
const timings = { compute_us: microseconds, held_us: microseconds };

/** WebSocket messages of a replica; `result` and `batch` carry a tail (see docs/reference/protocols.md). */
export const replicaMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    binding_id: idSchema("binding"),
    attempt_id: idSchema("attempt"),
    epoch: z.number().int(),
    signature: signatureSchema,
    joins: z.boolean().optional().describe("It takes a long frame in several messages"),
  }),
  z.object({ type: z.literal("pull"), max_items: z.number().int().positive() }),
  z.object({ type: z.literal("chunk"), batch: z.number().int(), ...timings }),
  z.object({
    type: z.literal("result"),
    batch: z.number().int(),
    items: z.array(resultItemSchema),
    ...timings,
  }),
]);
export type ReplicaMessage = z.infer<typeof replicaMessageSchema>;
