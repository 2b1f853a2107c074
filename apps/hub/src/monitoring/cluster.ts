import { listNodes } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import { countByState } from "../sessions/index.ts";

export interface ClusterState {
  nodes: number;
  devices: number;
  /** never more than `devices`, also while a device that is held has vanished from its node */
  devices_in_use: number;
  sessions_running: number;
  sessions_queued: number;
}

/** What the cluster does right now, from the database alone. */
export async function readCluster(ctx: Context): Promise<ClusterState & { states: Map<string, number> }> {
  const nodes = (await listNodes(ctx.db)).filter(({ node }) => node.state === "ready");
  const states = await countByState(ctx.db);
  return {
    nodes: nodes.length,
    devices: nodes.reduce((sum, { present }) => sum + present, 0),
    devices_in_use: nodes.reduce((sum, { present, used }) => sum + Math.min(used, present), 0),
    sessions_running: states.get("running") ?? 0,
    sessions_queued: states.get("queued") ?? 0,
    states,
  };
}
