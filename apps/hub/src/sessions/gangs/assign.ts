import type { Gang } from "@podium/shared";
import type { AttemptRow } from "../store.ts";
import type { MemberPlace } from "./store.ts";
import { hasFallen, isOver } from "./whole.ts";

/**
 * What a member of a gang is told of the others.
 * @returns null when not all of them can be reached: a node says so no longer, or the placement is not complete
 */
export function gangOf({ rank }: AttemptRow, places: readonly MemberPlace[]): Gang | null {
  const members = places.flatMap(({ member: { port }, capacity }) => {
    const address = capacity?.gangs?.address;
    return address === undefined || port === null ? [] : [{ address, port }];
  });
  if (members.length !== places.length || members.length < 2) return null;
  return { rank, members, first_is_over: places.some(({ member }) => member.rank === 0 && isOver(member)) };
}

/** Why the members that are left shall stop: the first that has fallen. Null while none has. */
export function whyToStop(places: readonly MemberPlace[]): string | null {
  const fallen = places.find(({ member }) => hasFallen([member]));
  return fallen ? `member ${fallen.member.rank} of its gang is gone` : null;
}
