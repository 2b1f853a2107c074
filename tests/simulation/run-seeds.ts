import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { OneConnection } from "../../apps/hub/src/testing/one-connection.ts";
import { addReached } from "./report.ts";
import { type Outcome, runSeed } from "./run-seed.ts";
import { type Ground, makeGround } from "./simulation.ts";
import type { Planted } from "./stage.ts";

/** What was rolled back is cleared away every so many seeds. */
const VACUUM_EVERY = 50;

export interface Results {
  seeds: number;
  /** seeds with violations, with their stories */
  failed: Outcome[];
  reached: Outcome["reached"];
}

/** A database for simulations, on a throw-away server that the caller may make databases on. */
export async function withGround<T>(
  server: string,
  name: string,
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const connection = await OneConnection.create(server, name);
  const ground = await makeGround(connection);
  try {
    return await work(ground);
  } finally {
    await connection.close();
    rmSync(dirname(ground.base.localFolder), { recursive: true, force: true });
  }
}

/** Plays seeds one after the other, until so many have failed. */
export async function runSeeds(
  ground: Ground,
  seeds: Iterable<number>,
  options: { planted?: Planted | null; mostFailures?: number; onSeed?: (outcome: Outcome) => void } = {},
): Promise<Results> {
  const { planted = null, mostFailures = Number.POSITIVE_INFINITY, onSeed } = options;
  const failed: Outcome[] = [];
  const reached: Outcome["reached"][] = [];
  for (const seed of seeds) {
    const outcome = await runSeed(ground, seed, planted);
    reached.push(outcome.reached);
    if (outcome.violations.length > 0) failed.push(outcome);
    onSeed?.(outcome);
    if (failed.length >= mostFailures) break;
    if (reached.length % VACUUM_EVERY === 0) await ground.connection.vacuum();
  }
  return { seeds: reached.length, failed, reached: addReached(reached) };
}
