import { z } from "zod";
import { idSchema } from "./ids.ts";
import { nodeCapacitySchema } from "./runner-protocol.ts";

export const nodeSchema = z
  .object({
    id: idSchema("node"),
    name: z.string(),
    state: z.enum(["ready", "draining", "lost"]),
    capacity: nodeCapacitySchema.nullable(),
    free_devices: z.number().int(),
    last_seen_at: z.iso.datetime({ offset: true }).nullable(),
  })
  .meta({ id: "Node" });

export const joinTokenSchema = z
  .object({ join_token: z.string().describe("Shown once") })
  .meta({ id: "JoinToken" });
