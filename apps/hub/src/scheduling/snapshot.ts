import type { Resources } from "@podium/shared";

/** Everything a decision may depend on. Plain data: the same snapshot always gives the same decisions. */
export interface Snapshot {
  pending: readonly Pending[];
  nodes: readonly NodeSupply[];
  /** What each team holds now, as `weightOf` counts it: the less, the sooner it is served. */
  usage: ReadonlyMap<string, number>;
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
  /** between teams: what people wait for comes before training */
  urgency: number;
  /** among its team's sessions: a team puts its own in order, and nobody else's behind them */
  priority: number;
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
  freeDevices: readonly { id: string; model: string }[];
  runsImages: boolean;
  /** ids of trees, keys of environments and references of images that are on the node already */
  cached: ReadonlySet<string>;
  environments: ReadonlySet<string>;
  images: ReadonlySet<string>;
  /** measured, bytes a second; a cautious constant until it has been */
  bandwidth: number;
}

export interface Placement {
  sessionId: string;
  nodeId: string;
  deviceIds: readonly string[];
  score: number;
}

export interface Refusal {
  node: string;
  reason: string;
}
