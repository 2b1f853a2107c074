// One process of play-seeds.ts: plays each seed that it reads a line of, and says what came of it in a line of JSON.
import { createInterface } from "node:readline";
import { withGround } from "./ground.ts";
import { PLANTED } from "./planted.ts";
import { runSeed } from "./run-seed.ts";

/** What was rolled back is cleared away every so many seeds. */
const VACUUM_EVERY = 50;

const server = process.env["TEST_DATABASE_URL"] ?? "";
const planted = PLANTED.find(({ name }) => name === process.argv[2]) ?? null;

await withGround(server, `podium_sim_${process.pid}`, async (ground) => {
  let played = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const outcome = await runSeed(ground, Number(line), planted);
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    played += 1;
    if (played % VACUUM_EVERY === 0) await ground.connection.vacuum();
  }
});
