import { z } from "zod";
import { endpointSettingsSchema, originSchema, rateLimitSchema } from "./endpoint-access.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

/** Datatypes of the Open Inference Protocol v2, and its binary extension's BF16. */
export const DATATYPES = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BF16",
  "BYTES",
] as const;

/** Name, datatype and shape of a tensor; −1 in a shape stands for any size. */
export const tensorSpecSchema = z
  .object({ name: z.string().min(1), datatype: z.enum(DATATYPES), shape: z.array(z.number().int().min(-1)) })
  .meta({ id: "TensorSpec" });
export type TensorSpec = z.infer<typeof tensorSpecSchema>;

/** First parts of the gateway's own paths: a model of such a name could not be called. */
const GATEWAY_PATHS = ["v1", "v2", "replicas", "healthz", "readyz", "metrics"];

export const createEndpointSchema = z.strictObject({
  team: slugSchema.optional(),
  name: slugSchema.refine((name) => !GATEWAY_PATHS.includes(name), {
    message: `is a path of the gateway itself (${GATEWAY_PATHS.join(", ")}): choose another name`,
  }),
  public: z.boolean().default(false),
  timeout_ms: z.number().int().min(100).max(600_000).default(30_000),
  max_queue: z.number().int().min(1).max(100_000).default(2048),
  max_body_bytes: z
    .number()
    .int()
    .min(1)
    .max(64 * 1024 ** 2)
    .default(8 * 1024 ** 2),
  cors_origins: z.array(originSchema).max(50).default([]),
  rate: rateLimitSchema.optional(),
  address_rate: rateLimitSchema.optional(),
});

export const createBindingSchema = z.strictObject({
  session_id: idSchema("session"),
  checkpoint: z.string().min(1).max(200),
  weight: z.number().min(0).max(1_000_000).default(1),
  max_batch: z.number().int().min(1).max(4096).default(64),
});

export const bindingSchema = z
  .object({
    id: idSchema("binding"),
    version: z.number().int().positive(),
    model: z.string().describe("owner/dataset/N:checkpoint"),
    weight: z.number(),
    state: z.enum(["starting", "ready", "stopped", "failed"]),
    failure: z.string().nullable(),
    session_id: idSchema("session").describe("The serve session"),
  })
  .meta({ id: "Binding" });

export const endpointSchema = z
  .object({
    id: idSchema("endpoint"),
    name: slugSchema,
    team: z.string(),
    public: z.boolean(),
    urls: z.array(z.url()).describe("Addresses at the gateways that are up"),
    settings: endpointSettingsSchema,
    bindings: z.array(bindingSchema),
  })
  .meta({ id: "Endpoint" });
