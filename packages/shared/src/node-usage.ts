import { z } from "zod";
import { idSchema } from "./ids.ts";

/** Null wherever a machine, a driver or an older runner does not tell. */
const amount = z.number().nonnegative().nullable().default(null);

/** A GPU's figures at one moment. */
export const deviceUsageSchema = z.object({
  index: z.number().int().nonnegative(),
  /** busy share, 0…1; null where the driver does not say (as with MIG) */
  utilization: z.number().min(0).max(1).nullable(),
  memory_bytes: z.number().nonnegative(),
  temperature_celsius: z.number().min(-100).max(1000).nullable().default(null),
  power_watts: amount,
});
export type DeviceUsage = z.infer<typeof deviceUsageSchema>;

/** A process that has memory of a GPU. Names and command lines stay on the machine. */
export const deviceProcessSchema = z.object({
  device: z.number().int().nonnegative(),
  pid: z.number().int().positive(),
  memory_bytes: amount,
  /** null: it belongs to no session */
  attempt_id: idSchema("attempt").nullable(),
});

/** What the processes of one attempt use together. */
export const attemptUsageSchema = z.object({
  attempt_id: idSchema("attempt"),
  processes: z.number().int().positive(),
  memory_bytes: z.number().nonnegative(),
  /** since the runner first saw it; begins anew with the runner */
  cpu_ms: z.number().nonnegative(),
});

/** A machine's figures, as its runner's heartbeat carries them. Rates are bytes a second since the figures before. */
export const nodeUsageSchema = z.object({
  cpu_share: z.number().min(0),
  memory_bytes: z.number().nonnegative(),
  /** of the file system of the runner's data folder */
  disk_free_bytes: z.number().nonnegative(),
  disk_bytes: amount,
  /** of the disk below it */
  disk_read_bytes_per_second: amount,
  disk_write_bytes_per_second: amount,
  /** of all network cards together */
  network_receive_bytes_per_second: amount,
  network_send_bytes_per_second: amount,
  /** measured over its latest fetches; null until there were enough */
  fetch_bytes_per_second: z.number().positive().nullable().default(null),
  devices: z.array(deviceUsageSchema).max(64),
  processes: z.array(deviceProcessSchema).max(256).default([]),
  attempts: z.array(attemptUsageSchema).max(1000).default([]),
});
export type NodeUsage = z.infer<typeof nodeUsageSchema>;
/** As runners may send it: what they don't know may be left out. */
export type GivenUsage = z.input<typeof nodeUsageSchema>;
