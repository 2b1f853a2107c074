import type { WhyWaiting } from "@podium/shared";

/** What holds a waiting session back, in words. */
export const RULES: Record<NonNullable<WhyWaiting["rule"]>, string> = {
  room: "no node has room for it",
  reservation: "the room there is, is kept for a session that has waited longer",
  turn: "it is the turn of others first, which are more urgent or whose teams hold less",
  gang: "its parts start together, and only some of them fit",
};
