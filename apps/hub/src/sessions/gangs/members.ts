import { findNode } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import type { Placement } from "../../scheduling/index.ts";
import type { SessionRow } from "../store.ts";
import { takenPorts } from "./store.ts";

/** One attempt of a placement, before it is written down. */
export interface Member {
  id: string;
  rank: number;
  nodeId: string;
  port: number | null;
  deviceIds: readonly string[];
  milli: number;
}

/**
 * The members that a placement makes, each of a gang with a port of its own at its node's address.
 * @returns or, for the log, why the placement is void: the session or a node is not as it was when it was decided
 */
export async function membersFor(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  { parts }: Placement,
): Promise<Member[] | string> {
  if (parts.length !== session.nodes) return "it was decided for another number of members";
  const taken = new Map<string, Set<number>>();
  const members: Member[] = [];
  for (const [rank, part] of parts.entries()) {
    const node = await findNode(tx, { id: part.nodeId });
    // Drained or lost since the snapshot.
    if (node?.state !== "ready") return "its node takes nothing any more";
    const member = { ...part, id: ctx.ids.next("attempt"), rank, port: null };
    if (parts.length === 1) return [member];
    const place = node.capacity?.gangs;
    if (!place) return "its node takes no gangs any more";
    const ports = taken.get(place.address) ?? (await takenPorts(tx, place.address));
    taken.set(place.address, ports);
    const port = firstFree(ports, place.first_port, place.last_port);
    if (port === null) return `all ports of gangs at ${place.address} are taken`;
    ports.add(port);
    members.push({ ...member, port });
  }
  return members;
}

function firstFree(taken: ReadonlySet<number>, first: number, last: number): number | null {
  for (let port = first; port <= last; port++) if (!taken.has(port)) return port;
  return null;
}
