export interface OpenReplica {
  sessionId: string;
  state: "starting" | "ready" | "draining";
  /** on a node already; false: it waits in the queue */
  isPlaced: boolean;
  createdAt: Date;
}

interface Plan {
  /** so many are to be started */
  start: number;
  /** ready ones that shall take no more calls */
  drain: string[];
  /** ones that have answered nothing yet and can just be stopped */
  stop: string[];
}

/**
 * What is to be done so that a binding has as many replicas as it wants. Of too many, those go first that are furthest
 * from answering, and of equals the youngest: what has served longest is known to be well.
 */
export function planReplicas(wanted: number, replicas: readonly OpenReplica[]): Plan {
  const live = replicas.filter(({ state }) => state !== "draining");
  if (live.length <= wanted) return { start: wanted - live.length, drain: [], stop: [] };
  const going = live.toSorted(leastUsefulFirst).slice(0, live.length - wanted);
  const ids = (state: OpenReplica["state"]) =>
    going.flatMap((replica) => (replica.state === state ? [replica.sessionId] : []));
  return { start: 0, drain: ids("ready"), stop: ids("starting") };
}

const rank = ({ state, isPlaced }: OpenReplica) => (state === "ready" ? 2 : isPlaced ? 1 : 0);

function leastUsefulFirst(a: OpenReplica, b: OpenReplica): number {
  return (
    rank(a) - rank(b) || b.createdAt.getTime() - a.createdAt.getTime() || (a.sessionId < b.sessionId ? 1 : -1)
  );
}
