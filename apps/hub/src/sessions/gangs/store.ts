import type { NodeCapacity, Session } from "@podium/shared";
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { nodes } from "../../nodes/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { attempts, sessions } from "../schema.ts";

type AttemptRow = typeof attempts.$inferSelect;
type SessionRow = typeof sessions.$inferSelect;

/** The attempts of a session's current placement, by rank; those that have ended too. */
export function membersOf(
  db: Db | Tx,
  { id, epoch }: Pick<SessionRow, "id" | "epoch">,
): Promise<AttemptRow[]> {
  return db
    .select()
    .from(attempts)
    .where(and(eq(attempts.sessionId, id), eq(attempts.epoch, epoch)))
    .orderBy(attempts.rank);
}

/** Members of these sessions' current placements with what their nodes say of gangs, by session and rank. */
export async function memberPlaces(db: Db | Tx, sessionIds: readonly string[]) {
  if (sessionIds.length === 0) return new Map<string, MemberPlace[]>();
  const rows = await db
    .select({ member: attempts, capacity: nodes.capacity })
    .from(attempts)
    .innerJoin(sessions, and(eq(sessions.id, attempts.sessionId), eq(sessions.epoch, attempts.epoch)))
    .innerJoin(nodes, eq(nodes.id, attempts.nodeId))
    .where(inArray(sessions.id, [...sessionIds]))
    .orderBy(attempts.rank);
  return Map.groupBy(rows, ({ member }) => member.sessionId);
}
export interface MemberPlace {
  member: AttemptRow;
  capacity: NodeCapacity | null;
}

/** How many records of a gang's other members are stored; under the session's lock nobody adds to them. */
export async function storedByOthers(
  tx: Tx,
  { id, epoch }: Pick<SessionRow, "id" | "epoch">,
  attemptId: string,
): Promise<number> {
  const others = (await membersOf(tx, { id, epoch })).filter((member) => member.id !== attemptId);
  return others.reduce((sum, { ackedSeq }) => sum + ackedSeq, 0);
}

/** Ports at these addresses that live members of gangs have, by address, whichever node they are on. */
export async function takenPorts(db: Db | Tx, addresses: readonly string[]) {
  const taken = new Map(addresses.map((address) => [address, new Set<number>()]));
  if (taken.size === 0) return taken;
  const address = sql<string>`${nodes.capacity} -> 'gangs' ->> 'address'`;
  const rows = await db
    .select({ address, port: attempts.port })
    .from(attempts)
    .innerJoin(nodes, eq(nodes.id, attempts.nodeId))
    .where(
      and(
        sql`${attempts.state} not in ('ended', 'lost')`,
        isNotNull(attempts.port),
        inArray(address, [...taken.keys()]),
      ),
    );
  for (const row of rows) if (row.port !== null) taken.get(row.address)?.add(row.port);
  return taken;
}

/** Beside a row of `sessions`: the members of a gang's current placement, as the API shows them. */
export const shownMembers = sql<Session["members"]>`case when ${sessions.nodes} > 1 then coalesce(
  (select json_agg(json_build_object('rank', a.rank, 'node', n.name, 'state', a.state) order by a.rank)
    from attempts a join nodes n on n.id = a.node_id
    where a.session_id = ${sessions.id} and a.epoch = ${sessions.epoch}), '[]') else '[]' end`;
