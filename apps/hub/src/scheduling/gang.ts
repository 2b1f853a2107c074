import { partsThatFit } from "./fit.ts";
import { Room } from "./room.ts";
import { type Shape, type Shaped, shapeOf } from "./shape.ts";
import type { NodeSupply } from "./snapshot.ts";

/** A node, and how many parts of the gang it takes. */
export interface Share {
  room: Room;
  parts: number;
}

/**
 * Nodes that together take all parts of a gang now: as few as possible, within one rack when one has room for all,
 * each as full as possible afterwards. Null when there is no room for all of it.
 */
export function gangRooms(rooms: readonly Room[], shape: Shape): Share[] | null {
  const roomy = rooms.flatMap((room) => {
    const parts = partsThatFit(room, shape, shape.parts);
    return parts > 0 ? [{ room, parts }] : [];
  });
  const racks = Map.groupBy(
    roomy.filter(({ room }) => room.supply.rack !== null),
    ({ room }) => room.supply.rack,
  );
  let near: Share[] | null = null;
  for (const rack of [...racks.keys()].sort()) {
    const shares = fewest(racks.get(rack) ?? [], shape.parts);
    if (shares && (!near || shares.length < near.length)) near = shares;
  }
  return near ?? fewest(roomy, shape.parts);
}

/** How many parts of the gang these nodes could take at once, all that it has at the most. */
export function partsHeld(nodes: readonly NodeSupply[], needs: Shaped): number {
  const shape = shapeOf(needs);
  const held = nodes.reduce((sum, node) => sum + partsThatFit(new Room(node), shape, shape.parts), 0);
  return Math.min(held, shape.parts);
}

/** The roomiest nodes first; the last of them is the tightest that has room for what is left. */
function fewest(roomy: readonly Share[], parts: number): Share[] | null {
  const sorted = [...roomy].sort(
    (a, b) => b.parts - a.parts || a.room.totalFree - b.room.totalFree || (a.room.id < b.room.id ? -1 : 1),
  );
  const chosen: Share[] = [];
  let left = parts;
  for (const [at, share] of sorted.entries()) {
    if (share.parts >= left) {
      const last = sorted.slice(at).findLast((each) => each.parts >= left) ?? share;
      // Among those that have just as much room, the first by the order above.
      const tightest = sorted.slice(at).find((each) => each.parts === last.parts) ?? last;
      return [...chosen, { room: tightest.room, parts: left }];
    }
    chosen.push(share);
    left -= share.parts;
  }
  return null;
}
