import {
  decide,
  type NodeSupply,
  type Placement,
  type Running,
  type Snapshot,
  weightOf,
} from "../scheduling/index.ts";

/** So many sessions and nodes are looked at in all, over all turns: beyond that nothing is foretold. With 500
 * nodes, 4,000 running and 2,000 pending a forecast took 0.6 to 0.9 s of a busy machine of two cores. */
const MOST_LOOKED_AT = 40_000;
const MOST_TURNS = 200;
/** What ends so soon after the next counts as ending with it, ms: nobody wants to know it better. */
const TOGETHER_MS = 60_000;

/**
 * When a session that waits would start if everything ran to its time limit, those ahead of it too: the scheduler's own
 * turns are played forward, from one end to the next. Usually it starts sooner; it starts later when others come that go
 * before it. @returns ms since 1970; null when it can't be told: something ahead has no limit, or too much is there
 */
export function forecastStart(snapshot: Snapshot, sessionId: string): number | null {
  let now: Snapshot = snapshot;
  const cost = () => now.pending.length + now.nodes.length + now.running.length;
  for (
    let turn = 0, looked = cost();
    turn < MOST_TURNS && looked <= MOST_LOOKED_AT;
    turn++, looked += cost()
  ) {
    const { placements, waiting } = decide(now);
    if (placements.some((placement) => placement.sessionId === sessionId)) return now.now;
    const own = waiting.findIndex((each) => each.sessionId === sessionId);
    if (own < 0) return null;
    // What is behind it does not hold it up, and would only make this longer.
    const pending = waiting.slice(0, own + 1);
    const begun = placements.flatMap((placement) => startOf(now, placement));
    const running = [...now.running, ...begun];
    const held = begun.reduce((nodes, each) => changed(nodes, each, -1), now.nodes);
    const at = earliest(running, now.now);
    if (at === null) return null;
    const over = running.filter((each) => endOf(each, now.now) <= at);
    now = {
      ...now,
      now: at,
      pending,
      running: running.filter((each) => !over.includes(each)),
      nodes: over.reduce((nodes, each) => changed(nodes, each, 1), held),
      usage: usageOf(now.usage, begun, over),
    };
  }
  return null;
}

function startOf(at: Snapshot, placement: Placement): Running[] {
  const session = at.pending.find((each) => each.sessionId === placement.sessionId);
  if (!session) return [];
  const { sessionId, teamId, resources, urgency, preemptible, limitMs } = session;
  const endsAt = limitMs === null ? null : at.now + Math.max(1, limitMs);
  const { parts } = placement;
  return [
    { sessionId, teamId, resources, parts, endsAt, urgency, preemptible, isEnding: false, atRiskSeconds: 0 },
  ];
}

/** When it ends at the latest; what is asked to end already does so next. */
function endOf({ endsAt, isEnding }: Running, now: number): number {
  if (isEnding) return now + 1;
  return endsAt === null ? Number.POSITIVE_INFINITY : Math.max(endsAt, now + 1);
}

/** When the next of them end; null: none ever does. */
function earliest(running: readonly Running[], now: number): number | null {
  const ends = running.map((each) => endOf(each, now));
  const first = ends.reduce((least, end) => Math.min(least, end), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(first)) return null;
  return ends.reduce((last, end) => (end <= first + TOGETHER_MS ? Math.max(last, end) : last), first);
}

/** The nodes with what these parts hold given back (1) or taken (-1). */
function changed(
  nodes: readonly NodeSupply[],
  { resources, parts }: Running,
  sign: 1 | -1,
): readonly NodeSupply[] {
  const byNode = Map.groupBy(parts, ({ nodeId }) => nodeId);
  return nodes.map((node) => {
    const here = byNode.get(node.id);
    if (!here) return node;
    const milli = new Map(here.flatMap((part) => part.deviceIds.map((id) => [id, part.milli] as const)));
    return {
      ...node,
      freeCpuMilli: node.freeCpuMilli + sign * here.length * resources.cpu_milli,
      freeMemoryBytes: node.freeMemoryBytes + sign * here.length * resources.memory_bytes,
      devices: node.devices.map((device) => ({
        ...device,
        freeMilli: device.freeMilli + sign * (milli.get(device.id) ?? 0),
      })),
    };
  });
}

function usageOf(
  before: Snapshot["usage"],
  begun: readonly Running[],
  over: readonly Running[],
): Snapshot["usage"] {
  const usage = new Map(before);
  const add = ({ teamId, resources, parts }: Running, sign: number) =>
    usage.set(teamId, (usage.get(teamId) ?? 0) + sign * parts.length * weightOf(resources));
  for (const each of begun) add(each, 1);
  for (const each of over) add(each, -1);
  return usage;
}
