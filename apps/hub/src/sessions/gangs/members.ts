import type { IdSource } from "@podium/shared";
import type { readiness } from "../../nodes/index.ts";
import type { Placement } from "../../scheduling/index.ts";

/** One attempt of a placement, before it is written down. */
export interface Member {
  id: string;
  rank: number;
  nodeId: string;
  port: number | null;
  deviceIds: readonly string[];
  milli: number;
}

/** What members of gangs are placed among. */
export interface Surroundings {
  nodes: Awaited<ReturnType<typeof readiness>>;
  /** ports that are taken, by address */
  ports: ReadonlyMap<string, Set<number>>;
}

/**
 * The members that a placement makes, each of a gang with a port of its own at its node's address: that is taken from
 * then on.
 * @returns or, for the log, why the placement is void: the session or a node is not as it was when it was decided
 */
export function membersFor(
  ids: IdSource,
  session: { nodes: number },
  { parts }: Placement,
  { nodes, ports }: Surroundings,
): Member[] | string {
  if (parts.length !== session.nodes) return "it was decided for another number of members";
  const members: Member[] = [];
  for (const [rank, part] of parts.entries()) {
    const node = nodes.get(part.nodeId);
    // Drained or lost since the snapshot.
    if (node?.state !== "ready") return "its node takes nothing any more";
    const member = { ...part, id: ids.next("attempt"), rank, port: null };
    if (parts.length === 1) return [member];
    const place = node.capacity?.gangs;
    if (!place) return "its node takes no gangs any more";
    const taken = ports.get(place.address) ?? new Set();
    const port = firstFree(taken, place.first_port, place.last_port);
    if (port === null) return `all ports of gangs at ${place.address} are taken`;
    taken.add(port);
    members.push({ ...member, port });
  }
  return members;
}

function firstFree(taken: ReadonlySet<number>, first: number, last: number): number | null {
  for (let port = first; port <= last; port++) if (!taken.has(port)) return port;
  return null;
}
