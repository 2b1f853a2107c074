import type { Gang } from "@podium/shared";
import type { AttemptRow } from "../store.ts";
import type { MemberPlace } from "./store.ts";
import { hasFallen } from "./whole.ts";

/**
 * What a member of a gang is told of the others.
 * @returns null when not all of them can be reached: a node says so no longer, or the placement is not complete
 */
export function gangOf({ rank }: AttemptRow, places: readonly MemberPlace[]): Gang | null {
  const members = places.flatMap(({ member: { port }, capacity }) => {
    const address = capacity?.gangs?.address;
    return address === undefined || port === null ? [] : [{ address, port }];
  });
  return members.length === places.length && members.length > 1 ? { rank, members } : null;
}

/** Why the members that are left shall stop: the first that has fallen. Null while none has. */
export function whyToStop(places: readonly MemberPlace[]): string | null {
  const fallen = places.find(({ member }) => hasFallen([member]));
  return fallen ? `member ${fallen.member.rank} of its gang is gone` : null;
}
