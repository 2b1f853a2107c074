import type { Observation } from "../observation.ts";
import type { Simulation } from "../simulation.ts";

/** What must hold after every step. `before` is what was seen after the step before. @returns what does not hold */
export type Invariant = (now: Observation, before: Observation, sim: Simulation) => string[];

/** Attempts that have not ended. */
export const isLive = ({ state }: { state: string }) => state !== "ended" && state !== "lost";

export const isOver = ({ state }: { state: string }) => ["succeeded", "failed", "stopped"].includes(state);
