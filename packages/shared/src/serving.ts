import { z } from "zod";
import { idSchema } from "./ids.ts";
import { newScalingSchema, replicaSchema, scalingSchema } from "./scaling.ts";
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
});

export const createBindingSchema = z.strictObject({
  session_id: idSchema("session"),
  checkpoint: z.string().min(1).max(200),
  weight: z.number().min(0).max(1_000_000).default(1),
  max_batch: z.number().int().min(1).max(4096).default(64),
  scaling: newScalingSchema.prefault({}),
});

export const bindingSchema = z
  .object({
    id: idSchema("binding"),
    version: z.number().int().positive(),
    model: z.string().describe("owner/dataset/N:checkpoint"),
    weight: z.number(),
    state: z
      .enum(["starting", "ready", "idle", "stopped", "failed"])
      .describe("idle: scaled to zero; the next call waits until a replica is up"),
    failure: z.string().nullable(),
    session_id: idSchema("session").describe("The serve session that it was bound with"),
    scaling: scalingSchema,
    replicas: z.array(replicaSchema),
  })
  .meta({ id: "Binding" });

export const endpointSchema = z
  .object({
    id: idSchema("endpoint"),
    name: slugSchema,
    team: z.string(),
    public: z.boolean(),
    urls: z.array(z.url()).describe("Addresses at the gateways that are up"),
    bindings: z.array(bindingSchema),
  })
  .meta({ id: "Endpoint" });

export const newEndpointKeySchema = z
  .object({ id: idSchema("endpointKey"), key: z.string().describe("Shown once") })
  .meta({ id: "NewEndpointKey" });
export const createEndpointKeySchema = z.strictObject({
  name: z.string().min(1).max(100),
  expires_in_days: z.number().int().positive().max(3650).optional(),
});
