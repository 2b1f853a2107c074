import { z } from "zod";
import { idSchema } from "./ids.ts";

const replicaCount = z.number().int().max(1000);

/** How many replicas a binding may have, and when it gets more or fewer. */
const fields = {
  min_replicas: replicaCount
    .min(0)
    .describe("0: the model is stopped when nobody calls it; the next call waits"),
  max_replicas: replicaCount.min(1),
  target_load: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .describe("Calls, waiting or being answered, that one replica is thought to carry"),
  scale_down_seconds: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .describe("How long fewer replicas must have been enough before some are taken away"),
  idle_seconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .describe("How long nobody must have called before the last replica is taken away (min_replicas 0)"),
};

const inOrder = ({ min_replicas, max_replicas }: { min_replicas: number; max_replicas: number }) =>
  min_replicas <= max_replicas;
const ORDER = { path: ["max_replicas"], message: "must be at least min_replicas" };

/** The scaling of a new binding; what is left out: exactly one replica. */
export const newScalingSchema = z
  .strictObject({
    min_replicas: fields.min_replicas.default(1),
    max_replicas: fields.max_replicas.default(1),
    target_load: fields.target_load.optional().describe("Default: what the model takes at once (max_batch)"),
    scale_down_seconds: fields.scale_down_seconds.default(60),
    idle_seconds: fields.idle_seconds.default(300),
  })
  .refine(inOrder, ORDER);

/** What of a binding's scaling shall change. */
export const changeScalingSchema = z
  .strictObject(fields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { message: "must name at least one setting" });

export const scalingSchema = z
  .object({
    ...fields,
    wanted: z.number().int().describe("Replicas that it shall have now"),
    trouble: z.string().nullable().describe("Why it has fewer than that"),
  })
  .meta({ id: "Scaling" });

/** One live copy of a bound model. */
export const replicaSchema = z
  .object({
    session_id: idSchema("session").describe("The serve session"),
    state: z.enum(["queued", "placing", "preparing", "loading", "ready", "draining"]),
    node: z.string().nullable(),
    since: z.iso.datetime({ offset: true }).describe("When it became ready; before that, when it was made"),
    in_flight: z.number().int().describe("Calls that gateways have given it and wait for"),
    restarts: z.number().int().describe("How often it was placed again, as after the loss of its node"),
  })
  .meta({ id: "Replica" });

const figure = z.number().nonnegative().max(1e9);

/** What a gateway says of its load, every second while there is any: averages since it said so last. */
export const gatewayLoadSchema = z.object({
  gateway_id: z.string().regex(/^gtw_[0-9a-f]{32}$/),
  version: z.number().int().describe("Of the route table that it serves by"),
  bindings: z
    .array(
      z.object({
        binding_id: idSchema("binding"),
        queued: figure.describe("Calls that wait"),
        in_flight: figure.describe("Calls that replicas have"),
        held: z.boolean().describe("Calls wait, and no replica is connected"),
      }),
    )
    .max(10_000),
  replicas: z
    .array(z.object({ attempt_id: idSchema("attempt"), in_flight: z.number().int().nonnegative() }))
    .max(10_000),
});
export type GatewayLoad = z.infer<typeof gatewayLoadSchema>;

/** How far the next replica of a binding is; `waking`: it has not been queued yet. */
export const REPLICA_STEPS = ["waking", "queued", "placing", "preparing", "loading"] as const;
export type ReplicaStep = (typeof REPLICA_STEPS)[number];

/** The hub's answer: for each binding whose calls are held, what its callers wait for. */
export const heldProgressSchema = z.object({
  held: z.array(
    z.object({
      binding_id: idSchema("binding"),
      step: z.enum(REPLICA_STEPS),
      detail: z.string().nullable().describe("What stands in the way"),
    }),
  ),
});
export type HeldProgress = z.infer<typeof heldProgressSchema>;
