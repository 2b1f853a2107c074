import type { Resources } from "@podium/shared";

/** Everything a decision may depend on. Plain data: the same snapshot always gives the same decisions. */
export interface Snapshot {
  /** when it is decided, ms since 1970 */
  now: number;
  pending: readonly Pending[];
  nodes: readonly NodeSupply[];
  /** what holds devices, CPUs and memory of those nodes now; `nodes` says what is left beside it */
  running: readonly Running[];
  /** What each team holds now, as `weightOf` counts it: the less, the sooner it is served. */
  usage: ReadonlyMap<string, number>;
  /** What sessions of this hub typically ask for: what a node's rest must be good for. */
  mix: readonly Demand[];
}

/** What a node must have, or it can't take a session at all. */
export interface Needs {
  resources: Resources;
  /** container image; null: it runs in what the node has */
  image: string | null;
  /** the node that it was asked to move to, or away from; null or left out: it may go anywhere */
  moveTo?: { node: string } | { not: string } | null;
}

export interface Pending extends Needs {
  sessionId: string;
  teamId: string;
  /** since when it waits, ms since 1970 */
  since: number;
  /** how long it may run, ms; null: for as long as it is wanted */
  limitMs: number | null;
  /** a gang has so many equal parts, which start together or not at all; 1: an ordinary session */
  parts: number;
  /** between teams: what people wait for comes before training */
  urgency: number;
  /** among its team's sessions: a team puts its own in order, and nobody else's behind them */
  priority: number;
  /**
   * Its place in one line with all others of its urgency that have one, the smallest first: those are served in that
   * order, whoever's they are and whatever their teams hold. null or left out: its team takes turns with others.
   */
  turn?: number | null;
  /** may be asked to save a checkpoint and to go on later */
  preemptible: boolean;
  /** trees to be on the node before it can start, with their sizes in bytes */
  trees: readonly { id: string; size: number }[];
  /** size of its image; null while no node has it */
  imageBytes: number | null;
  /** what its code has installed, and how long the last build of that took; null: nothing is to be installed */
  environment: { key: string; buildSeconds: number | null } | null;
  /** how often it has been placed on a node before, without getting to its end */
  tried: ReadonlyMap<string, number>;
}

export interface NodeSupply {
  id: string;
  name: string;
  freeCpuMilli: number;
  freeMemoryBytes: number;
  /** all its devices, in its order, with the thousandths of each that are free */
  devices: readonly { id: string; model: string; freeMilli: number }[];
  runsImages: boolean;
  /** its operator lets members of gangs in and has said where others reach them; left out: no */
  takesGangs?: boolean;
  /** true: it finishes what it has and takes nothing new */
  draining: boolean;
  /** nodes of one rack (switch, room) are near each other; null: nothing is known */
  rack: string | null;
  /** ids of trees, keys of environments and references of images that are on the node already */
  cached: ReadonlySet<string>;
  environments: ReadonlySet<string>;
  images: ReadonlySet<string>;
  /** measured, bytes a second; a cautious constant until it has been */
  bandwidth: number;
}

/** Where a session, or one part of a gang, is. */
export interface Part {
  nodeId: string;
  deviceIds: readonly string[];
  /** thousandths that it has of each of its devices */
  milli: number;
}

export interface Running {
  sessionId: string;
  teamId: string;
  resources: Resources;
  parts: readonly Part[];
  /** when its time limit ends it, ms since 1970; null: nothing is known */
  endsAt: number | null;
  urgency: number;
  preemptible: boolean;
  /** it has been told to stop already */
  isEnding: boolean;
  /** seconds of work that it would lose: what it has done since its last checkpoint */
  atRiskSeconds: number;
}

export interface Demand {
  resources: Resources;
  /** how often it is asked for, compared with the others of the mix */
  count: number;
}

export interface Placement {
  sessionId: string;
  /** one, or as many as the gang has */
  parts: readonly Part[];
  /** of the whole, in seconds: the lowest won */
  score: number;
}

/** A running session that should make room for a more urgent one. */
export interface Preemption {
  sessionId: string;
  forSession: string;
}

/** Room that is kept for a session which smaller ones would otherwise pass for ever. */
export interface Reservation {
  sessionId: string;
  /** by the time limits of what runs there, ms since 1970; earlier when something ends before its limit */
  startsAt: number;
  /** how many of its parts each node is kept for */
  nodes: ReadonlyMap<string, number>;
}

export interface Refusal {
  node: string;
  reason: string;
}
