import { z } from "zod";
import { tensorSpecSchema } from "./serving.ts";

/**
 * What a bound model takes and gives; `batch` says whether `infer` takes a list of rows. `parameters`: whether it is told
 * those of a request, one set for all rows of a batch (`shared`) or one for each row (`each`).
 */
export const signatureSchema = z
  .object({
    inputs: z.array(tensorSpecSchema).min(1),
    outputs: z.array(tensorSpecSchema).min(1),
    batch: z.boolean(),
    platform: z
      .string()
      .max(100)
      .optional()
      .describe("What runs the model, where it is no script of its own"),
    parameters: z.enum(["none", "shared", "each"]).optional(),
  })
  .meta({ id: "ModelSignature" });
export type ModelSignature = z.infer<typeof signatureSchema>;

const length = z.number().int().nonnegative();

/** What came of one item of a batch. `outputs`, of tensors alone: what its bytes in the tail are, in order. */
export const resultItemSchema = z.object({
  status: z.number().int(),
  length,
  outputs: z
    .array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()), length }))
    .optional(),
});
export type ResultItem = z.infer<typeof resultItemSchema>;

const seq = z.number().int().positive();

/** Frames that the SDK sends to the runner; see docs/reference/protocols.md. */
export const sdkFrameSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    seq: z.literal(0),
    pid: z.number().int(),
    mode: z.string(),
    sdk_version: z.string(),
  }),
  /** The answer to `stop` or `checkpoint` of a process that has no `save` bound. */
  z.object({ type: z.literal("nothing_to_save"), seq: z.literal(0) }),
  /** The answer to `exec`: what the code came to, or the traceback. */
  z.object({
    type: z.literal("executed"),
    seq: z.literal(0),
    id: z.string(),
    ok: z.boolean(),
    text: z.string().max(262_144),
  }),
  z.object({
    type: z.literal("report"),
    seq,
    step: z.number().nullable(),
    wall_time: z.number(),
    values: z.record(z.string(), z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])])),
    info: z.record(z.string(), z.string()).default({}),
    summary: z.boolean().default(false),
  }),
  z.object({
    type: z.literal("save"),
    seq,
    name: z.string().min(1).max(200),
    path: z.string(),
    metrics: z.record(z.string(), z.number()).default({}),
  }),
  z.object({ type: z.literal("load"), seq, name: z.string(), session: z.string().nullable() }),
  z.object({ type: z.literal("ready"), seq, signature: signatureSchema }),
  z.object({
    type: z.literal("result"),
    batch: z.number().int(),
    items: z.array(resultItemSchema),
    /** microseconds that the model's process worked on it, on its own clock */
    compute_us: length.optional(),
  }),
  /**
   * A piece of a streamed answer, as JSON in the tail; the `result` comes after the last one. `compute_us`, of the first
   * piece alone: from the request's coming to this piece.
   */
  z.object({ type: z.literal("chunk"), batch: z.number().int(), compute_us: length.optional() }),
  z.object({ type: z.literal("progress"), seq, done: z.number(), total: z.number() }),
  z.object({
    type: z.literal("failure"),
    seq,
    error: z.string().max(200),
    message: z.string().max(500),
    location: z.string().max(500).nullable(),
    hint: z.string().max(500).nullable().default(null),
  }),
]);
export type SdkFrame = z.infer<typeof sdkFrameSchema>;

export type RunnerFrame =
  | { type: "hello" }
  | { type: "ack"; seq: number }
  | { type: "nack"; seq: number; message: string }
  | { type: "loaded"; seq: number; path: string }
  | { type: "checkpoint"; reason: string }
  | { type: "stop"; reason: string; grace_ms: number }
  | { type: "exec"; id: string; code: string }
  | CancelFrame
  | BatchFrame;

/** A tensor whose `length` bytes lie in a frame's tail. */
export interface TensorPart {
  name: string;
  datatype: string;
  shape: number[];
  length: number;
  /** of an input: what its caller said about it, as the text of a JSON object */
  parameters?: string;
}

/** Nobody waits for these items of a batch any more; without `items`, for none of it. */
export interface CancelFrame {
  type: "cancel";
  batch: number;
  items?: number[];
}

export interface BatchItem {
  kind: "json" | "tensors";
  length: number;
  inputs?: TensorPart[];
  /** of the request, where the model takes them: the text of a JSON object, so that integers stay exact on the way */
  parameters?: string;
  /** the answer is wanted piece by piece; such an item has a batch of its own */
  stream?: true;
  /** W3C Trace Context of the span that the call is part of; only of calls whose trace is recorded */
  traceparent?: string;
}
export interface BatchFrame {
  type: "batch";
  batch: number;
  items: BatchItem[];
  /** milliseconds until the last of its callers waits no longer: a call of `infer` that takes longer hangs */
  time_ms?: number;
  /** after so many milliseconds its items are taken apart: one of them may be what it hangs on */
  together_ms?: number;
}
