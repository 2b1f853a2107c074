import { z } from "zod";
import { sha256Schema } from "./data.ts";
import { imageSchema } from "./environments.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

export const sessionKindSchema = z.enum(["train", "infer", "serve", "score"]);
export type SessionKind = z.infer<typeof sessionKindSchema>;

/**
 * queued → placing → preparing → running → stopping → an ended state. From stopping it may also be queued again (moved
 * to another node, preempted) or become `paused`, which holds nothing until somebody resumes it. After a failure that is
 * tried again it is `retrying` until `retry_at`, then queued.
 */
export const sessionStateSchema = z.enum([
  "queued",
  "placing",
  "preparing",
  "running",
  "stopping",
  "paused",
  "retrying",
  "succeeded",
  "failed",
  "stopped",
]);
export type SessionState = z.infer<typeof sessionStateSchema>;
export const ENDED_STATES = ["succeeded", "failed", "stopped"] as const satisfies readonly SessionState[];

/** A program in Codabench's form is run by its metadata file, which says with what command (`podium._program`). */
export function isProgramFile(path: string): boolean {
  return path === "metadata" || path === "metadata.yaml" || path === "metadata.yml";
}

/** Why a session ended, in a form that programs branch on and people read. */
export const sessionFailureSchema = z
  .object({
    code: z.enum([
      "user_error",
      "out_of_memory",
      "timeout",
      "disk_full",
      "prepare_failed",
      "credits_exhausted",
      "node_lost",
      "platform_error",
    ]),
    message: z.string(),
    location: z.string().nullable().default(null),
    hint: z.string().nullable().default(null),
  })
  .meta({ id: "SessionFailure" });
export type SessionFailure = z.infer<typeof sessionFailureSchema>;

/** Whose code, arguments, data and checkpoint a session was made from. */
export const lineageSchema = z
  .object({
    session_id: idSchema("session"),
    name: z.string().describe("owner/dataset/N"),
    checkpoint: z.string().nullable().describe("Name of the checkpoint that it began from"),
  })
  .meta({ id: "Lineage" });
export type Lineage = z.infer<typeof lineageSchema>;

const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

export const resourcesSchema = z
  .strictObject({
    gpus: z.number().int().min(0).max(64).default(0),
    gpu_milli: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(1000)
      .describe("Thousandths of the device that the session gets; less than all of one goes with gpus = 1"),
    gpu_model: z
      .string()
      .max(500)
      .regex(/^[^|]*[^|\s][^|]*(\|[^|]*[^|\s][^|]*)*$/, "must be names of models with | between them")
      .nullable()
      .default(null)
      .describe("Only devices of this model; several that will do: `H100|A100`"),
    cpu_milli: z.number().int().min(10).max(1_024_000).default(500).describe("Thousandths of a CPU"),
    memory_bytes: z
      .number()
      .int()
      .min(16 * MIB)
      .max(16 * TIB)
      .default(512 * MIB),
    shm_bytes: z
      .number()
      .int()
      .min(MIB)
      .max(16 * TIB)
      .nullable()
      .default(null)
      .describe("Size of /dev/shm, which counts as memory; default: half the memory, 1 GiB at most"),
    disk_bytes: z
      .number()
      .int()
      .min(16 * MIB)
      .max(16 * TIB)
      .default(10 * 1024 * MIB)
      .describe("What the session may write: its code, home, temporary and output folders together"),
  })
  .refine(({ shm_bytes, memory_bytes }) => shm_bytes === null || shm_bytes <= memory_bytes, {
    path: ["shm_bytes"],
    error: "must not be more than memory_bytes",
  })
  .refine(({ gpus, gpu_milli }) => gpu_milli === 1000 || gpus === 1, {
    path: ["gpu_milli"],
    error: "must be 1000 unless gpus is 1: only a single device can be shared",
  })
  .meta({ id: "Resources" });
export type Resources = z.infer<typeof resourcesSchema>;

/** Size of a session's /dev/shm. */
export function sharedMemoryBytes({ shm_bytes, memory_bytes }: Resources): number {
  return Math.min(shm_bytes ?? Math.min(Math.floor(memory_bytes / 2), 1024 * MIB), memory_bytes);
}

export const createSessionSchema = z
  .strictObject({
    team: slugSchema.optional().describe("Owner; default: your personal team"),
    datasets: z
      .array(z.string().max(140))
      .max(16)
      .default([])
      .describe("`name`, `team/name` or `team/name@version`"),
    code_tree: sha256Schema,
    image: imageSchema
      .optional()
      .describe(
        "Container image to run in; default: the `#nsml: IMAGE` line of the code, if a node can run it",
      ),
    entrypoint: z.string().min(1).max(500).default("main.py"),
    args: z.array(z.string().max(10_000)).max(200).default([]),
    memo: z.string().max(2000).default(""),
    resources: resourcesSchema.prefault({}),
    nodes: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe("Members of a gang, each with these resources; they start together or not at all"),
    timeout_ms: z
      .number()
      .int()
      .min(1000)
      .max(30 * 86_400_000)
      .default(86_400_000),
    priority: z.number().int().min(-100).max(100).default(0),
    grace_ms: z
      .number()
      .int()
      .min(0)
      .max(600_000)
      .default(10_000)
      .describe("How long it has to save when it is to end"),
    retries: z
      .number()
      .int()
      .min(0)
      .max(20)
      .default(0)
      .describe("How often it is run again, from its latest checkpoint, after a failure of its own"),
    preemptible: z
      .boolean()
      .default(false)
      .describe("May be asked for a checkpoint and queued again when something more urgent needs its place"),
  })
  .meta({ id: "CreateSession" });

const { shape: need } = resourcesSchema;

/** What a fork does otherwise than the session that it is made from; everything left out is as there. */
export const forkSessionSchema = z
  .strictObject({
    team: slugSchema.optional().describe("Owner; default: the team of the session, or your personal team"),
    checkpoint: z
      .string()
      .max(200)
      .nullable()
      .optional()
      .describe("Name of the checkpoint to begin from; null: none; default: the latest, if there is one"),
    args: z.array(z.string().max(10_000)).max(200).optional(),
    entrypoint: z.string().min(1).max(500).optional(),
    memo: z.string().max(2000).optional(),
    resources: z
      .strictObject({
        gpus: need.gpus.unwrap().optional(),
        gpu_model: need.gpu_model.unwrap().optional(),
        cpu_milli: need.cpu_milli.unwrap().optional(),
        memory_bytes: need.memory_bytes.unwrap().optional(),
        shm_bytes: need.shm_bytes.unwrap().optional(),
        disk_bytes: need.disk_bytes.unwrap().optional(),
      })
      .optional(),
    nodes: createSessionSchema.shape.nodes.unwrap().optional(),
    timeout_ms: createSessionSchema.shape.timeout_ms.unwrap().optional(),
    priority: createSessionSchema.shape.priority.unwrap().optional(),
    grace_ms: createSessionSchema.shape.grace_ms.unwrap().optional(),
    retries: createSessionSchema.shape.retries.unwrap().optional(),
    preemptible: z.boolean().optional(),
  })
  .meta({ id: "ForkSession" });

export const migrateSessionSchema = z
  .strictObject({
    node: z.string().max(63).optional().describe("Name of the node that it goes to; default: any other"),
    from: z
      .string()
      .max(63)
      .optional()
      .describe("Name of the node that it leaves, for a gang, which is on several"),
  })
  .refine(({ node, from }) => node === undefined || from === undefined, {
    path: ["from"],
    error: "and node don't go together",
  })
  .meta({ id: "MigrateSession" });

/** What is wrong with a session that runs, as its team was told and its log says. */
export const sessionNoticeSchema = z
  .object({ kind: z.enum(["session.stalled", "session.idle_gpus"]), text: z.string() })
  .meta({ id: "SessionNotice" });
export type SessionNotice = z.infer<typeof sessionNoticeSchema>;

export const progressSchema = z
  .object({ done: z.number().nonnegative(), total: z.number().nonnegative() })
  .describe("Rows that are predicted, and all of them");
export type Progress = z.infer<typeof progressSchema>;

export const sessionSchema = z
  .object({
    id: idSchema("session"),
    name: z.string().describe("owner/dataset/N"),
    team: z.string(),
    kind: sessionKindSchema,
    state: sessionStateSchema,
    entrypoint: z.string(),
    args: z.array(z.string()),
    memo: z.string(),
    datasets: z.array(z.string()).describe("Names of what is mounted at /data; the first is DATASET_PATH"),
    resources: resourcesSchema,
    code_tree: sha256Schema,
    image: z.string().nullable().describe("Container image that it runs in; null: the node's own"),
    dropped_image: z.string().nullable().describe("Image that the code asks for and no node could run"),
    environment: sha256Schema.nullable().describe("Key of what its code has installed; null: nothing"),
    node: z.string().nullable().describe("Name of the node it is or was placed on; of a gang, rank 0's"),
    nodes: z.number().int().describe("How many members it has"),
    members: z
      .array(
        z.object({
          rank: z.number().int(),
          node: z.string(),
          state: z.enum(["placing", "preparing", "running", "stopping", "ended", "lost"]),
        }),
      )
      .describe("Of a gang that has been placed: where each member is or was, by rank; else empty"),
    attempt: z.number().int().describe("How many times it has been placed"),
    checkpoint: z.string().nullable().describe("Name of the checkpoint that it began, or goes on, from"),
    forked_from: lineageSchema.nullable(),
    timeout_ms: z.number().int(),
    grace_ms: z.number().int(),
    preemptible: z.boolean().describe("May have to make room for something more urgent"),
    retries: z.number().int(),
    retries_used: z.number().int(),
    retry_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .describe("When it is queued again, while `retrying`"),
    stop_reason: z.string().nullable().describe("Why it was stopped, paused or interrupted the last time"),
    after_stop: z
      .enum(["queued", "paused"])
      .nullable()
      .describe("What becomes of it once it has stopped, when that is not its end"),
    failure: sessionFailureSchema.nullable(),
    notice: sessionNoticeSchema
      .nullable()
      .describe("What is wrong while it runs: it is stuck, or its GPUs are idle"),
    summary: z.record(z.string(), z.number()).describe("Latest values reported with summary=True"),
    progress: progressSchema.nullable().describe("Of what predicts rows; null: it told none"),
    created_at: z.iso.datetime({ offset: true }),
    started_at: z.iso.datetime({ offset: true }).nullable(),
    ended_at: z.iso.datetime({ offset: true }).nullable(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof sessionSchema>;

export const logLineSchema = z
  .object({
    seq: z.number().int(),
    at: z.iso.datetime({ offset: true }),
    rank: z.number().int().describe("Which member of a gang said it; else 0"),
    text: z.string(),
  })
  .meta({ id: "LogLine" });

export const metricPointSchema = z
  .object({
    seq: z.number().int(),
    rank: z.number().int().describe("Which member of a gang reported it; else 0"),
    name: z.string(),
    step: z.number().nullable(),
    value: z.number().nullable(),
    at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "MetricPoint" });

export const checkpointSchema = z
  .object({
    id: idSchema("checkpoint"),
    name: z.string(),
    tree_id: sha256Schema,
    size_bytes: z.number().int(),
    metrics: z.record(z.string(), z.number()),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "Checkpoint" });

export const whyWaitingSchema = z
  .object({
    state: sessionStateSchema,
    position: z
      .number()
      .int()
      .nullable()
      .describe("Its place among those that wait, from 1; null when it starts with the next turn"),
    starts_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .describe("When it could start if what runs goes on to its time limit and nobody goes before it"),
    rule: z
      .enum(["room", "reservation", "turn", "gang"])
      .nullable()
      .describe(
        "What holds it back: no node has room; room is kept for one that has waited longer; others' turn comes first; only a part of its gang fits",
      ),
    nodes: z.array(z.object({ node: z.string(), reason: z.string() })),
  })
  .meta({ id: "WhyWaiting" });
export type WhyWaiting = z.infer<typeof whyWaitingSchema>;
