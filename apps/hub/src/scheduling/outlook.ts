import { schedulerOf } from "./decide.ts";
import { explain } from "./explain.ts";
import type { Scheduler } from "./scheduler.ts";
import { shapeOf } from "./shape.ts";
import type { Pending, Refusal, Snapshot } from "./snapshot.ts";
import { turns } from "./turns.ts";

/**
 * What holds a session back: no node has `room`; there is room, but it is kept by a `reservation` for one that has
 * waited longer, or others' `turn` came first (urgency, fair share, priority); or a `gang` fits in part alone.
 */
export type Rule = "room" | "reservation" | "turn" | "gang";

export interface Outlook {
  /** its place among those that wait, from 1; null when it starts with the next turn, or is far behind */
  position: number | null;
  /** ms since 1970, by the time limits of what runs, if nobody goes before it; null: nothing can be said */
  startsAt: number | null;
  rule: Rule | null;
  /** why each node does not take it now */
  nodes: Refusal[];
}

/** What a session that waits can be told: what the next turn would do, and why it does nothing for this one. */
export function outlookOf(
  snapshot: Snapshot,
  sessionId: string,
  needs: Pick<Pending, "resources" | "image">,
) {
  const scheduler = schedulerOf(snapshot);
  const session = snapshot.pending.find((each) => each.sessionId === sessionId);
  const turn = scheduler.decide(snapshot.now);
  const reservations = scheduler.reservations();
  const isPlaced = turn.placements.some((placement) => placement.sessionId === sessionId);
  if (isPlaced) return { position: null, startsAt: snapshot.now, rule: null, nodes: [] } satisfies Outlook;
  const nodes = explain(scheduler.left(), session ?? { ...needs, sessionId }, reservations);
  if (!session) return { position: null, startsAt: null, rule: "turn", nodes } satisfies Outlook;

  const order = [...turns(scheduler.waiting.all(), scheduler.waiting.usage)];
  const own = reservations.find((kept) => kept.sessionId === sessionId);
  const startsAt = own?.startsAt ?? scheduler.startsAt(session, reservations);
  return {
    position: order.findIndex((each) => each.sessionId === sessionId) + 1,
    startsAt: startsAt === null ? null : Math.max(startsAt, snapshot.now),
    rule: ruleFor(session, snapshot, scheduler),
    nodes,
  } satisfies Outlook;
}

function ruleFor(session: Pending, snapshot: Snapshot, scheduler: Scheduler): Rule {
  const reservations = scheduler.reservations();
  const fitsOn = (id: string, nodes: Snapshot["nodes"]) =>
    explain(
      nodes.filter((node) => node.id === id),
      { ...session, parts: 1 },
    ).length === 0;
  const left = scheduler.left();
  const isOpen = ({ takesGangs }: Snapshot["nodes"][number]) => session.parts === 1 || takesGangs === true;
  const open = left.filter((node) => isOpen(node) && fitsOn(node.id, left));
  if (shapeOf(session).parts > 1 && open.length > 0) return "gang";
  if (open.some((node) => reservations.some((kept) => kept.nodes.has(node.id)))) return "reservation";
  return snapshot.nodes.some((node) => isOpen(node) && fitsOn(node.id, snapshot.nodes)) ? "turn" : "room";
}
