import type { Round } from "../../api/types.ts";

/** The round to show: the one asked for, else the one that runs, else the last that ran, else the first. */
export function chooseRound(rounds: readonly Round[], wanted: string | null): Round | undefined {
  return (
    rounds.find((round) => round.name === wanted) ??
    rounds.find((round) => round.state === "open" || round.state === "closing") ??
    rounds.findLast((round) => round.state === "closed") ??
    rounds[0]
  );
}

/** Whether teams may still join: until the first round is over. */
export const takesEntrants = (rounds: readonly Round[]): boolean =>
  rounds[0]?.state === "upcoming" || rounds[0]?.state === "open";

/** Where a competition stands, in a few words. */
export function standing(rounds: readonly Round[]): { text: string; state: Round["state"] } {
  const current = rounds.find((round) => round.state === "open" || round.state === "closing");
  const of = rounds.length > 1 && current ? `Round ${current.number} of ${rounds.length}: ` : "";
  if (current) return { text: `${of}${current.state === "open" ? "open" : "closing"}`, state: current.state };
  if (rounds.every((round) => round.state === "closed")) return { text: "Finished", state: "closed" };
  return {
    text: rounds.some((round) => round.state === "closed") ? "Between rounds" : "Not open yet",
    state: "upcoming",
  };
}
