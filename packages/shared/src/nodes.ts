import { z } from "zod";
import { nodeFiguresSchema } from "./figures.ts";
import { idSchema } from "./ids.ts";
import { nodeCapacitySchema } from "./runner-protocol.ts";

export const nodeSchema = z
  .object({
    id: idSchema("node"),
    name: z.string(),
    state: z.enum(["ready", "draining", "lost"]),
    capacity: nodeCapacitySchema.nullable(),
    free_devices: z.number().int().describe("Devices that nobody holds any part of"),
    free_gpu_milli: z.number().int().describe("What is free of all of them, thousandths of a device"),
    figures: nodeFiguresSchema.nullable().describe("As it last said; null before it has"),
    last_seen_at: z.iso.datetime({ offset: true }).nullable(),
  })
  .meta({ id: "Node" });

export const nodeStateSchema = z
  .object({
    name: z.string(),
    state: z.enum(["ready", "draining", "lost"]),
    draining: z.boolean().describe("Takes nothing new, also when it comes back after it was lost"),
  })
  .meta({ id: "NodeState" });

export const joinTokenSchema = z
  .object({ join_token: z.string().describe("Shown once") })
  .meta({ id: "JoinToken" });
