import { z } from "zod";
import { idSchema } from "./ids.ts";
import { deviceUsageSchema, nodeUsageSchema } from "./node-usage.ts";

const at = z.iso.datetime({ offset: true });
const number = z.number().nonnegative();

/** A node's figures as everybody may see them: nothing of who uses it. */
export const nodeFiguresSchema = nodeUsageSchema
  .omit({ processes: true, attempts: true, fetch_bytes_per_second: true })
  .meta({ id: "NodeFigures" });

export const figuresQuerySchema = z.object({
  from: at.optional().describe("Beginning of the span; an hour before its end when not given"),
  to: at.optional().describe("End of the span; now when not given"),
  points: z.coerce.number().int().min(1).max(1000).default(300).describe("At most so many points"),
});

const series = <P extends z.ZodType>(point: P) =>
  z.object({
    step_seconds: z.number().int().describe("What one point covers: it is the mean from `at` on"),
    points: z.array(point),
  });

export const clusterSeriesSchema = series(
  z.object({
    at,
    nodes: number,
    devices: number,
    devices_in_use: number.describe("What sessions hold of them; a share of one counts as that share"),
    devices_measured: number.describe("Those whose utilisation is known"),
    devices_busy: number.describe("Those of them above 80 % utilisation"),
    sessions_running: number,
    sessions_queued: number,
  }),
).meta({ id: "ClusterSeries" });

const devicePoint = deviceUsageSchema
  .omit({ index: true, memory_bytes: true })
  .extend({ memory_bytes: number.nullable() });

export const nodeSeriesSchema = series(
  z.object({
    at,
    cpu_share: number,
    memory_bytes: number,
    disk_free_bytes: number,
    disk_read_bytes_per_second: number.nullable(),
    disk_write_bytes_per_second: number.nullable(),
    network_receive_bytes_per_second: number.nullable(),
    network_send_bytes_per_second: number.nullable(),
    devices: z.array(devicePoint.extend({ index: z.number().int() })),
  }),
).meta({ id: "NodeSeries" });

export const sessionSeriesSchema = z
  .object({
    session_id: idSchema("session"),
    step_seconds: z.number().int(),
    devices: z.array(
      z.object({
        node: z.string(),
        index: z.number().int(),
        model: z.string(),
        held_from: at,
        held_until: at.nullable(),
        milli: z
          .number()
          .int()
          .describe("Thousandths of it that the session holds; figures are the whole device's"),
        points: z.array(devicePoint.extend({ at })),
      }),
    ),
  })
  .meta({ id: "SessionSeries" });
