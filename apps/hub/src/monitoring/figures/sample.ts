import { nodeUsageSchema } from "@podium/shared";
import { listNodes } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import { countByState } from "../../sessions/index.ts";
import { stepOf } from "./resolution.ts";
import { insertSamples, type NodeFigures } from "./store.ts";

const MIB = 1024 ** 2;
/** What a node said longer ago says nothing about now. */
const FRESH_MS = 30_000;
/** The paper's measure of a GPU that is well used. */
const BUSY_SHARE = 0.8;
/** A node that lies about its devices makes no longer arrays than this. */
const MAX_DEVICES = 64;
const MAX_SMALLINT = 32_767;

type Listed = Awaited<ReturnType<typeof listNodes>>[number];

/** Writes down what all nodes said last, once for each 10 s. @returns how many nodes said something */
export async function sampleFigures(ctx: Context): Promise<number> {
  const now = ctx.clock.now();
  const at = stepOf(now, 10);
  const listed = (await listNodes(ctx.db)).filter(({ node }) => node.state === "ready");
  const states = await countByState(ctx.db);
  const rows = listed.flatMap((each) => rowOf(each, at, now) ?? []);
  const gpus = rows.flatMap((row) => row.gpuBusy.filter((busy) => busy !== null));
  const cluster = {
    seconds: 10,
    at,
    samples: 1,
    nodes: listed.length,
    devices: listed.reduce((sum, { present }) => sum + present, 0),
    // A share of a device counts as that share of one.
    held: listed.reduce((sum, { present, freeMilli }) => sum + (present - freeMilli / 1000), 0),
    measured: gpus.length,
    busy: gpus.filter((busy) => busy > BUSY_SHARE * 1000).length,
    running: states.get("running") ?? 0,
    queued: states.get("queued") ?? 0,
  };
  await ctx.db.transaction((tx) => insertSamples(tx, cluster, rows));
  return rows.length;
}

function rowOf({ node }: Listed, at: Date, now: Date): NodeFigures | null {
  const usage = nodeUsageSchema.safeParse(node.usage).data;
  if (!usage || !node.usageAt || now.getTime() - node.usageAt.getTime() > FRESH_MS) return null;
  const devices = usage.devices.filter(({ index }) => index < MAX_DEVICES);
  const length = Math.max(0, ...devices.map(({ index }) => index + 1));
  const byIndex = (of: (device: (typeof devices)[number]) => number | null, most = MAX_SMALLINT) => {
    const values = new Array<number | null>(length).fill(null);
    for (const device of devices) {
      const value = of(device);
      values[device.index] = value === null ? null : Math.min(most, Math.round(value));
    }
    return values;
  };
  return {
    nodeId: node.id,
    seconds: 10,
    at,
    samples: 1,
    cpu: Math.min(1, usage.cpu_share),
    memoryBytes: wholeOf(usage.memory_bytes),
    diskFreeBytes: wholeOf(usage.disk_free_bytes),
    diskRead: rateOf(usage.disk_read_bytes_per_second),
    diskWrite: rateOf(usage.disk_write_bytes_per_second),
    networkReceive: rateOf(usage.network_receive_bytes_per_second),
    networkSend: rateOf(usage.network_send_bytes_per_second),
    gpuBusy: byIndex(({ utilization }) => utilization && utilization * 1000),
    gpuMemoryMib: byIndex(({ memory_bytes }) => memory_bytes / MIB, 2 ** 31 - 1),
    gpuCelsius: byIndex(({ temperature_celsius }) => temperature_celsius),
    gpuWatts: byIndex(({ power_watts }) => power_watts),
  };
}

const wholeOf = (value: number) => Math.min(Number.MAX_SAFE_INTEGER, Math.round(value));
/** Within what a 4-byte float holds. */
const rateOf = (value: number | null) => (value === null ? null : Math.min(1e30, value));
