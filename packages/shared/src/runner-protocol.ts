import { z } from "zod";
import { sha256Schema, treeManifestSchema, treePathSchema } from "./data.ts";
import { imageSchema } from "./environments.ts";
import { idSchema } from "./ids.ts";
import { nodeUsageSchema } from "./node-usage.ts";
import { signatureSchema } from "./sdk-protocol.ts";
import { resourcesSchema, sessionFailureSchema, sessionKindSchema } from "./sessions.ts";
import { streamRequestSchema } from "./streams.ts";

/** Version of the runner ↔ hub protocol; a hub refuses a runner of another one with a clear message. */
export const RUNNER_PROTOCOL = 2;

export const deviceSchema = z.object({
  index: z.number().int().nonnegative(),
  uuid: z.string(),
  model: z.string(),
  memory_bytes: z.number().int().nonnegative(),
});
export type Device = z.infer<typeof deviceSchema>;

const port = z.number().int().min(1).max(65_535);

/** Where members of gangs on a node can be reached by those on other nodes. */
export const gangPlaceSchema = z
  .object({
    address: z
      .string()
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9.:-]{0,252}$/)
      .describe("Its host name or IP address for the other nodes"),
    first_port: port,
    last_port: port,
  })
  .refine(({ first_port, last_port }) => first_port <= last_port, {
    path: ["last_port"],
    error: "must not be below first_port",
  });

export const nodeCapacitySchema = z
  .object({
    cpu_milli: z.number().int().positive(),
    memory_bytes: z.number().int().positive(),
    devices: z.array(deviceSchema).max(64),
    executors: z.array(z.enum(["process", "docker"])).min(1),
    gangs: gangPlaceSchema.optional().describe("Left out: its operator lets no gangs in"),
  })
  .meta({ id: "NodeCapacity" });
export type NodeCapacity = z.infer<typeof nodeCapacitySchema>;

/** What a member of a gang is told of it: which one it is, and where all of them are, by rank. */
export const gangSchema = z.object({
  rank: z.number().int().nonnegative(),
  members: z.array(z.object({ address: z.string(), port })).min(2),
  /** Left out by a hub that does not tell: a member that is to stop then stays for its whole grace period. */
  first_is_over: z.boolean().optional(),
});
export type Gang = z.infer<typeof gangSchema>;

/** What the runner says of one attempt. `ended` comes only when every record up to `final_seq` has been acknowledged. */
export const attemptReportSchema = z.object({
  attempt_id: idSchema("attempt"),
  epoch: z.number().int().positive(),
  state: z.enum(["preparing", "running", "stopping", "ended"]),
  started_at: z.iso.datetime({ offset: true }).nullable(),
  ended_at: z.iso.datetime({ offset: true }).nullable(),
  exit_code: z.number().int().nullable(),
  failure: sessionFailureSchema.nullable(),
  final_seq: z.number().int().nonnegative().nullable(),
  /** `ended` only: whether the runner had to end its process; null from runners that don't say */
  was_ended: z.boolean().nullable().optional(),
  replica: z.object({ ready: z.boolean(), signature: signatureSchema.nullable() }).nullable().default(null),
});
export type AttemptReport = z.infer<typeof attemptReportSchema>;

/** `fence` of the latest `sync` that the runner has acted on; null: it has heard none yet. Older runners leave it out. */
const heardFenceSchema = z.number().int().nonnegative().nullable().optional();

export const runnerMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: z.number().int(),
    capacity: nodeCapacitySchema,
    attempts: z.array(attemptReportSchema),
    fence: heardFenceSchema,
  }),
  z.object({
    type: z.literal("heartbeat"),
    sent_at: z.iso.datetime({ offset: true }),
    attempts: z.array(attemptReportSchema),
    fence: heardFenceSchema,
    cached_trees: z.array(sha256Schema).max(10_000).default([]),
    cached_environments: z
      .array(z.object({ key: sha256Schema, build_seconds: z.number().nonnegative() }))
      .max(1000)
      .default([]),
    /** container images on the node, under the names that `normalImage` gives them */
    cached_images: z
      .array(z.object({ reference: imageSchema, size_bytes: z.number().int().nonnegative() }))
      .max(1000)
      .default([]),
    usage: nodeUsageSchema,
  }),
]);
export type RunnerMessage = z.infer<typeof runnerMessageSchema>;

export const mountSchema = z.object({
  name: z.string().describe("Dataset name; the first one is PODIUM_DATASET_NAME"),
  tree_id: sha256Schema,
  size_bytes: z.number().int(),
});

/** All that a runner needs to run an attempt, and all that it may ask the hub for on the attempt's behalf. */
export const assignmentSchema = z.object({
  attempt_id: idSchema("attempt"),
  epoch: z.number().int().positive(),
  desired: z.enum(["run", "stop"]),
  stop_reason: z.string().nullable(),
  grace_ms: z.number().int().nonnegative(),
  session: z.object({ id: idSchema("session"), name: z.string(), kind: sessionKindSchema }),
  entrypoint: z.string(),
  args: z.array(z.string()),
  code_tree: sha256Schema,
  /** Container image to run in; null: what the node runs without being told. */
  image: imageSchema.nullable().default(null),
  /** An image that the code asks for, but no node could run; its log says so. */
  dropped_image: z.string().nullable().default(null),
  /** Key of the environment to build from the code's own files; null: nothing is to be installed. */
  environment: sha256Schema.nullable().default(null),
  datasets: z.array(mountSchema),
  checkpoint: z.object({ name: z.string(), tree_id: sha256Schema }).nullable(),
  /** It goes on with work of its own that was interrupted; false where the checkpoint was asked for. */
  resumes: z.boolean().default(false),
  /** infer only: a contest's hidden inputs, or the rows of a dataset. Labels are part of no assignment but those of an organizer's scorer (kind `score`). */
  input: z
    .object({
      tree_id: sha256Schema,
      id_field: z.string(),
      /** predict every file of rows, into a file each; left out: the one table, into `predictions.jsonl` */
      each_file: z.boolean().optional(),
    })
    .nullable(),
  devices: z.array(z.number().int().nonnegative()),
  resources: resourcesSchema,
  timeout_ms: z.number().int().positive(),
  /** what the attempt's log is to say, once: that it is stuck, or leaves its GPUs idle */
  notice: z.string().nullable().optional(),
  /** null: the session has no other members, and gets no network */
  gang: gangSchema.nullable().optional(),
  serving: z
    .object({
      binding_id: idSchema("binding"),
      replica_token: z.string(),
      gateways: z.array(z.url()),
      max_batch: z.number().int().positive(),
      /** how long a call may take at its endpoint */
      call_ms: z.number().int().positive().optional(),
      /** The model is this ONNX file of the checkpoint: Podium's own server runs, and no script. */
      onnx: z.object({ file: treePathSchema }).optional(),
    })
    .nullable(),
});
export type Assignment = z.infer<typeof assignmentSchema>;

export const hubMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("sync"),
    /** the heartbeat's `sent_at`; null when unasked */
    answers: z.iso.datetime({ offset: true }).nullable(),
    /** how long the hub waits for the next heartbeat before it fences the node; it binds the hub, not the runner */
    lease_ms: z.number().int().positive(),
    attempts: z.array(assignmentSchema),
    /** how often attempts had been taken back from the node when these were listed */
    fence: z.number().int().nonnegative().optional(),
    /** that somebody waits for and no runner has dialled in for yet */
    streams: z.array(streamRequestSchema).optional(),
  }),
  z.object({ type: z.literal("refused"), message: z.string() }),
]);
export type HubMessage = z.infer<typeof hubMessageSchema>;

const seq = z.number().int().positive();
const at = z.iso.datetime({ offset: true });

/** One line of an attempt's spool. `seq` counts 1, 2, 3 … within the attempt, over all types. */
export const recordSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("log"), seq, at, text: z.string().max(65_536) }),
  z.object({
    type: z.literal("metric"),
    seq,
    at,
    step: z.number().nullable(),
    /** null where the reported number was NaN or infinite */
    values: z.record(z.string().min(1).max(250), z.number().nullable()),
    summary: z.boolean(),
  }),
  z.object({
    type: z.literal("checkpoint"),
    seq,
    at,
    name: z.string().min(1).max(200),
    entries: treeManifestSchema,
    metrics: z.record(z.string(), z.number()),
  }),
  /** infer: what the session wrote into its output folder */
  z.object({ type: z.literal("output"), seq, at, entries: treeManifestSchema }),
  z.object({ type: z.literal("progress"), seq, at, done: z.number(), total: z.number() }),
]);
export type SpoolRecord = z.infer<typeof recordSchema>;

export const postRecordsSchema = z.object({
  epoch: z.number().int().positive(),
  records: z.array(recordSchema).min(1).max(1000),
});
export const recordsAckSchema = z
  .object({ acked_seq: z.number().int().nonnegative().describe("Every record up to this one is stored") })
  .meta({ id: "RecordsAck" });

export const joinNodeSchema = z.strictObject({
  join_token: z.string().min(1),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/, "must be 1–63 letters, digits, dots, hyphens or underscores"),
});
export const joinedNodeSchema = z
  .object({
    node_id: idSchema("node"),
    node_token: z.string().describe("Names this node alone; keep it secret"),
  })
  .meta({ id: "JoinedNode" });
