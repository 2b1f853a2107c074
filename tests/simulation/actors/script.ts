import type { SessionKind } from "@podium/shared";
import type { World } from "../engine/world.ts";

/** What a session's code does, wherever and however often it is run. */
export interface Script {
  /** fetching, mounting, building */
  prepareMs: number;
  runsMs: number;
  lineEveryMs: number;
  exitCode: number;
  /** saves a checkpoint with this line; null: never */
  savesAtLine: number | null;
  /** writes predictions, where it is run to infer */
  predicts: boolean;
  /** how long it goes on after it has been asked to stop; more than its grace: it is killed */
  lingersMs: number;
  /** its files can't be had */
  isBroken: boolean;
}

export function writeScript(world: World, kind: SessionKind): Script {
  // A long one is paid for in two slices, or three.
  const longest =
    kind === "infer" ? 8_000 : world.random.pick([20_000, 20_000, 20_000, 20_000, 70_000, 130_000]);
  const runsMs = world.between(1_000, longest);
  return {
    prepareMs: world.between(50, world.oneIn(5) ? 20_000 : 3_000),
    runsMs,
    lineEveryMs: world.between(800, 12_000),
    exitCode: world.oneIn(6) ? 1 : 0,
    savesAtLine: kind === "train" && world.oneIn(2) ? 1 : null,
    predicts: !world.oneIn(6),
    lingersMs: world.oneIn(6) ? 60_000 : world.between(0, 3_000),
    isBroken: world.oneIn(25),
  };
}
