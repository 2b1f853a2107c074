// `npm run sim -- --seeds N [--from M] [--jobs J] [--planted NAME]`: plays seeds of the deterministic simulation in so many
// processes at once (one a core); a failing seed prints its whole story. Ends with one line of counts; docs/reference/simulation.md.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { PLANTED } from "../tests/simulation/planted.ts";
import { type Played, playSeeds } from "../tests/simulation/play-seeds.ts";
import { storyOf } from "../tests/simulation/report.ts";
import type { Outcome } from "../tests/simulation/run-seed.ts";
import { stopRequested } from "./stack/until-signal.ts";
import { startTestServices } from "./testing/services.ts";

const SHOWN_EVERY = 100;
/** One that fails is enough to work on; a few show whether they have something in common. */
const MOST_FAILURES = 3;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    planted: { type: "string" },
  },
});
const whole = z.coerce.number().int();
const options = z
  .object({ seeds: whole.positive(), from: whole.nonnegative(), jobs: whole.positive() })
  .safeParse(values);
if (!options.success) {
  const [issue] = options.error.issues;
  console.error(`podium: --${issue?.path.join(".")}: ${issue?.message}`);
  process.exit(2);
}
const { planted } = values;
if (planted !== undefined && !PLANTED.some(({ name }) => name === planted)) {
  console.error(`podium: no planted bug "${planted}". Known: ${PLANTED.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
const { seeds: count, from, jobs } = options.data;

const startedMs = performance.now();
const abort = new AbortController();
const services = await startTestServices((line) => console.error(line), "postgres");
void stopRequested(() => process.exit(130)).then(() => abort.abort());
let ended = 0;
try {
  const played = await playSeeds(seeds(), {
    server: services.env["TEST_DATABASE_URL"] ?? "",
    jobs: Math.min(jobs, count),
    planted,
    mostFailures: MOST_FAILURES,
    onOutcome: hear,
    signal: abort.signal,
  });
  report(played);
  process.exitCode = played.failed.length > 0 ? 1 : 0;
} catch (error) {
  console.error(`podium: after ${ended} of ${count} seeds: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await services.stop();
}
process.exit();

function* seeds(): Generator<number> {
  for (let seed = from; seed < from + count; seed++) yield seed;
}

function hear(outcome: Outcome): void {
  ended += 1;
  if (outcome.violations.length > 0) console.log(storyOf(outcome, planted));
  else if (ended % SHOWN_EVERY === 0) console.error(`${ended} of ${count} seeds; ${rate()}`);
}

function rate(): string {
  return `${(ended / ((performance.now() - startedMs) / 1000)).toFixed(1)} seeds a second`;
}

function report({ seeds: all, failed, reached }: Played): void {
  const counts = Object.entries(reached).map(([name, times]) => `${name} ${times}`);
  console.log(`reached: ${counts.join(", ")}`);
  const which = failed.length > 0 ? ` (${failed.map(({ seed }) => seed).join(", ")})` : "";
  console.log(`${all} seeds, ${failed.length} with violations${which}; ${rate()}`);
}
