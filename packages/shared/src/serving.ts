import { z } from "zod";
import { sha256Schema, treePathSchema } from "./data.ts";
import { endpointSettingsSchema, originSchema, rateLimitSchema } from "./endpoint-access.ts";
import { idSchema } from "./ids.ts";
import { newScalingSchema, replicaSchema, scalingSchema } from "./scaling.ts";
import { resourcesSchema } from "./sessions.ts";
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

/** An ONNX file as a model: it needs no code. */
export const onnxModelSchema = z.strictObject({
  tree_id: sha256Schema.optional().describe("The tree that holds it; left out: the checkpoint does"),
  file: treePathSchema
    .optional()
    .describe("Default: `model.onnx`, or the only file of the tree whose name ends in `.onnx`"),
  resources: resourcesSchema.optional().describe("Default: the session's, or the least that a session has"),
});

export const createBindingSchema = z.strictObject({
  session_id: idSchema("session").optional().describe("The session whose checkpoint is bound"),
  checkpoint: z.string().min(1).max(200).optional(),
  onnx: onnxModelSchema
    .optional()
    .describe("Serve an ONNX file: of the checkpoint, or of a tree that was pushed"),
  weight: z
    .number()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe(
      "Beside the other versions' weights. Default: none, where a version has the traffic already; else all",
    ),
  max_batch: z.number().int().min(1).max(4096).default(64),
  scaling: newScalingSchema.prefault({}),
});

export const bindingSchema = z
  .object({
    id: idSchema("binding"),
    version: z.number().int().positive(),
    model: z
      .string()
      .describe("owner/dataset/N:checkpoint, or an ONNX file with the first digits of its tree"),
    weight: z.number(),
    state: z
      .enum(["starting", "ready", "idle", "draining", "stopped", "failed"])
      .describe("idle: scaled to zero; the next call waits until a replica is up"),
    failure: z.string().nullable(),
    session_id: idSchema("session").describe("The serve session that it was bound with"),
    percent: z.number().describe("Share of the calls that name no version, as things stand"),
    stops_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .describe("When it is taken off: it lost its traffic, or is ending its last calls; null: not planned"),
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
    settings: endpointSettingsSchema,
    bindings: z.array(bindingSchema),
    keep_old_ms: z.number().int().describe("How long a version that lost its traffic is kept ready"),
  })
  .meta({ id: "Endpoint" });
