// One process of `npm run sim`: plays every STEP-th seed from FROM up to END, and says what came of it in lines of JSON.
import { PLANTED } from "./planted.ts";
import { runSeeds, withGround } from "./run-seeds.ts";

const [from = 0, end = 0, step = 1] = process.argv.slice(2, 5).map(Number);
const server = process.env["TEST_DATABASE_URL"] ?? "";
const planted = PLANTED.find(({ name }) => name === process.argv[5]) ?? null;

function* seeds() {
  for (let seed = from; seed < end; seed += step) yield seed;
}

const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);

await withGround(server, `podium_sim_${process.pid}`, (ground) =>
  runSeeds(ground, seeds(), {
    planted,
    mostFailures: 3,
    onSeed: ({ story, ...outcome }) =>
      say({ ...outcome, story: outcome.violations.length > 0 ? story : [], lines: story.length }),
  }),
);
