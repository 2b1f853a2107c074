import { expect, test } from "bun:test";
import { join } from "node:path";
import { bunPath } from "../../scripts/setup/paths.mjs";
import { PLANTED } from "./planted.ts";
import { addReached, storyOf } from "./report.ts";
import { type Outcome, runSeed } from "./run-seed.ts";
import { runSeeds, withGround } from "./run-seeds.ts";
import type { Ground } from "./simulation.ts";

const SEEDS = 200;
/** What those have not reached, because it is rare, is looked for in so many at the most. */
const MOST_SEEDS = 1000;
const MINUTE = 60_000;

function onGround(name: string, work: (ground: Ground) => Promise<void>): Promise<void> {
  const server = process.env["TEST_DATABASE_URL"];
  if (!server) throw new Error("These tests need a Postgres server: run them with `npm test -- PATH`.");
  return withGround(server, `podium_simulation_${name}`, work);
}

/** Plays seeds, none of which may fail. @returns what they have reached */
async function wellPlayed(ground: Ground, seeds: Iterable<number>): Promise<Outcome["reached"]> {
  const { failed, reached } = await runSeeds(ground, seeds, { mostFailures: 1 });
  expect(failed.map(storyOf).join("\n")).toBe("");
  return reached;
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test(
  `${SEEDS} seeds of faults break no invariant, and all come to rest`,
  () =>
    onGround("seeds", async (ground) => {
      let reached = await wellPlayed(ground, range(1, SEEDS));
      const missing = () => Object.keys(reached).filter((what) => reached[what] === 0);
      for (let seed = SEEDS + 1; seed <= MOST_SEEDS && missing().length > 0; seed++)
        reached = addReached([reached, await wellPlayed(ground, [seed])]);
      expect(missing()).toEqual([]);
    }),
  20 * MINUTE,
);

test(
  "the same seed tells the same story, byte by byte, whatever was played before it",
  () =>
    onGround("replay", async (ground) => {
      for (const seed of [3, 7, 11]) {
        const first = await runSeed(ground, seed);
        await runSeed(ground, seed + 100);
        const again = await runSeed(ground, seed);
        expect(again.story.join("\n")).toBe(first.story.join("\n"));
        expect(first.story.length).toBeGreaterThan(20);
      }
    }),
  5 * MINUTE,
);

test(
  "a seed is played by a process of its own, as `npm run sim` has it",
  async () => {
    const worker = join(import.meta.dir, "worker.ts");
    const child = Bun.spawn([bunPath(), worker, "5", "6", "1"], { stdout: "pipe", stderr: "pipe" });
    const [said, complaints] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect(`${complaints}${await child.exited}`).toBe("0");
    expect(JSON.parse(said)).toMatchObject({ seed: 5, violations: [], story: [] });
  },
  2 * MINUTE,
);

for (const planted of PLANTED) {
  test(
    `a planted bug is found: ${planted.name}`,
    () =>
      onGround("planted", async (ground) => {
        const { failed } = await runSeeds(ground, range(1, 1000), { planted, mostFailures: 1 });
        expect(failed.length).toBe(1);
        expect(failed[0]?.violations.join("\n")).toMatch(/^invariant \d/);
      }),
    20 * MINUTE,
  );
}
