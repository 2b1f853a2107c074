import { lackOf } from "./fit.ts";
import type { Room } from "./room.ts";
import { type Shape, shapeOf, weightOf } from "./shape.ts";
import type { Pending, Preemption, Running } from "./snapshot.ts";

/** So many sessions in a turn may have others make room for them; the next turn comes soon. */
const MOST_A_TURN = 8;

interface Sacrifice {
  room: Room;
  victims: readonly Running[];
  loss: number;
}

/**
 * Which running sessions should make room for which that wait: only preemptible ones, of lower urgency, where the
 * work that is lost is least. What already ends makes room too, so that nobody is asked for more than is needed.
 * @param blocked  in the order of their turns; gangs preempt nobody
 */
export function choosePreemptions(
  blocked: Iterable<Pending>,
  rooms: Iterable<Room>,
  running: ReadonlyMap<string, Running>,
): Preemption[] {
  const preemptions: Preemption[] = [];
  // What is given up for one session is no room for the next: things are tried on copies.
  const copies = [...rooms].map((room) => afterEndings(room, running));
  const given = new Set<string>();
  let tries = 0;
  for (const session of blocked) {
    if (session.parts > 1) continue;
    if (tries === MOST_A_TURN) break;
    tries += 1;
    const best = cheapest(session, copies, running, given);
    if (!best) continue;
    for (const { sessionId } of best.victims) {
      given.add(sessionId);
      best.room.give(sessionId);
      preemptions.push({ sessionId, forSession: session.sessionId });
    }
    promise(best.room, session);
  }
  return preemptions;
}

function afterEndings(room: Room, running: ReadonlyMap<string, Running>): Room {
  const copy = room.copy();
  for (const sessionId of room.held.keys()) if (running.get(sessionId)?.isEnding) copy.give(sessionId);
  return copy;
}

function cheapest(
  session: Pending,
  rooms: readonly Room[],
  running: ReadonlyMap<string, Running>,
  given: ReadonlySet<string>,
): Sacrifice | null {
  const shape = shapeOf(session);
  let best: Sacrifice | null = null;
  for (const room of rooms) {
    const sacrifice = sacrificeOn(room, shape, candidatesOn(room, session, running, given));
    if (!sacrifice) continue;
    const isLess = !best || sacrifice.loss < best.loss;
    if (isLess || (sacrifice.loss === best?.loss && room.id < best.room.id)) best = sacrifice;
  }
  return best;
}

function candidatesOn(
  room: Room,
  session: Pending,
  running: ReadonlyMap<string, Running>,
  given: ReadonlySet<string>,
): Running[] {
  return [...room.held.keys()].flatMap((sessionId) => {
    const holder = running.get(sessionId);
    if (!holder?.preemptible || holder.isEnding || given.has(sessionId)) return [];
    return holder.urgency < session.urgency ? [holder] : [];
  });
}

/** The least that has to go for the shape to fit; null when even all of it would not do. */
function sacrificeOn(room: Room, shape: Shape, candidates: readonly Running[]): Sacrifice | null {
  const fits = (without: readonly Running[]) => {
    const trial = room.copy();
    for (const { sessionId } of without) trial.give(sessionId);
    return lackOf(trial, shape) === null;
  };
  if (!fits(candidates)) return null;
  const costly = [...candidates].sort(
    (a, b) => lossOf(b) - lossOf(a) || (a.sessionId < b.sessionId ? -1 : 1),
  );
  // The dearest is spared first, as long as the rest makes room enough.
  let victims = costly;
  for (const dear of costly) {
    const without = victims.filter((victim) => victim !== dear);
    if (fits(without)) victims = without;
  }
  return { room, victims, loss: victims.reduce((sum, victim) => sum + lossOf(victim), 0) };
}

/** Work lost, in GPU-seconds; an idle minute goes with every stop and start. */
function lossOf({ resources, atRiskSeconds, parts }: Running): number {
  return (atRiskSeconds + 60) * weightOf(resources) * parts.length;
}

function promise(room: Room, session: Pending): void {
  const shape = shapeOf(session);
  const devices: number[] = [];
  room.free.forEach((free, position) => {
    const isOfModel = shape.models === null || shape.models.has(room.models[position] ?? "");
    if (devices.length < shape.gpus && isOfModel && free >= shape.milli) devices.push(position);
  });
  const { cpuMilli, memoryBytes, milli } = shape;
  room.take(session.sessionId, { cpuMilli, memoryBytes, milli, devices, endsAt: Number.POSITIVE_INFINITY });
}
