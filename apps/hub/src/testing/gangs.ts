import type { AttemptReport, Id, SpoolRecord } from "@podium/shared";
import { findNode, setCapacity, setDraining } from "../nodes/store.ts";
import { membersOf } from "../sessions/gangs/store.ts";
import type { AttemptRow, SessionRow } from "../sessions/store.ts";
import { storeRecords } from "../tracking/store-records.ts";
import { as, type TestContext } from "./context.ts";
import { heartbeat, type Member, makeNode, makeSession, place, reload, reportOf } from "./factories.ts";

/** A ready node that takes members of gangs, at an address of its own unless told otherwise. */
export async function makeGangNode(
  ctx: TestContext,
  devices = 1,
  gangs?: { address: string; first_port: number; last_port: number },
): Promise<Id<"node">> {
  const id = await makeNode(ctx, devices);
  const node = await findNode(ctx.db, { id });
  if (!node?.capacity) throw new Error("the node has no capacity");
  const capacity = {
    ...node.capacity,
    gangs: gangs ?? { address: `${node.name}.test`, first_port: 29_500, last_port: 29_509 },
  };
  await ctx.db.transaction((tx) => setCapacity(tx, id, capacity, () => ctx.ids.next("device")));
  return id;
}

/** From now on the node takes nothing new. */
export async function drain(ctx: TestContext, nodeId: string): Promise<void> {
  const node = await findNode(ctx.db, { id: nodeId });
  await ctx.db.transaction((tx) => setDraining(tx, node?.name ?? "", true));
}

/** What a member's node posts for it. @returns the highest record that is stored */
export function writes(
  ctx: TestContext,
  { id, nodeId, epoch }: Pick<AttemptRow, "id" | "nodeId" | "epoch">,
  records: SpoolRecord[],
): Promise<number> {
  return storeRecords(as(ctx, { kind: "node", nodeId: nodeId as Id<"node"> }), id, epoch, records);
}

/** The attempts of a session's latest placement, by rank. */
export async function members(ctx: TestContext, session: { id: string }): Promise<AttemptRow[]> {
  return membersOf(ctx.db, await reload(ctx, session));
}

/** The node of one member reports on it, and on nothing else. */
export async function reportMember(
  ctx: TestContext,
  session: { id: string },
  rank: number,
  what: Partial<AttemptReport> = {},
) {
  const member = (await members(ctx, session))[rank];
  if (!member) throw new Error(`there is no member ${rank}`);
  const report = reportOf(ctx, { attemptId: member.id, epoch: member.epoch } as SessionRow, what);
  return heartbeat(ctx, member.nodeId, [report]);
}

/** A gang of two that runs, each member with a GPU on a node of its own. */
export async function makeRunningGang(
  member: Member,
  input: Record<string, unknown> = {},
): Promise<SessionRow> {
  await makeGangNode(member);
  await makeGangNode(member);
  const session = await makeSession(member, { nodes: 2, resources: { gpus: 1 }, ...input });
  await place(member);
  for (const rank of [0, 1]) await reportMember(member, session, rank);
  return reload(member, session);
}
