// `npm run sim -- --seeds N [--from M] [--planted NAME]`: plays seeds of the deterministic simulation on all cores; a
// failing one prints its whole story. Ends with one line of counts; docs/reference/simulation.md.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { PLANTED } from "../tests/simulation/planted.ts";
import { addReached, storyOf } from "../tests/simulation/report.ts";
import { bunPath, rootDir } from "./setup/paths.mjs";
import { stopRequested } from "./stack/until-signal.ts";
import { startTestServices } from "./testing/services.ts";

const SHOWN_EVERY = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    planted: { type: "string" },
  },
});
const whole = z.coerce.number().int().nonnegative();
const [count, from] = [whole.parse(values.seeds), whole.parse(values.from)];
if (values.planted !== undefined && !PLANTED.some(({ name }) => name === values.planted)) {
  console.error(
    `podium: no planted bug "${values.planted}". Known: ${PLANTED.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}

const outcomeSchema = z.object({
  seed: z.number(),
  violations: z.array(z.string()),
  story: z.array(z.string()),
  reached: z.record(z.string(), z.number()),
});
type Outcome = z.infer<typeof outcomeSchema>;

const startedMs = performance.now();
const outcomes: Outcome[] = [];
const abort = new AbortController();
const services = await startTestServices((line) => console.error(line), "postgres");
void stopRequested(() => process.exit(130)).then(() => abort.abort());
let exitCodes: number[] = [];
try {
  const workers = Math.max(1, Math.min(availableParallelism(), count));
  exitCodes = await Promise.all(Array.from({ length: workers }, (_, index) => work(index, workers)));
} finally {
  await services.stop();
}
report();

/** One process, which plays every so many-th seed. @returns its exit code */
function work(index: number, workers: number): Promise<number> {
  const args = [from + index, from + count, workers].map(String);
  const child = spawn(
    bunPath(),
    [join(rootDir, "tests/simulation/worker.ts"), ...args, values.planted ?? ""],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TEST_DATABASE_URL: services.env["TEST_DATABASE_URL"] ?? "" },
      signal: abort.signal,
    },
  );
  createInterface({ input: child.stdout }).on("line", (line) => hear(outcomeSchema.parse(JSON.parse(line))));
  return new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function hear(outcome: Outcome): void {
  outcomes.push(outcome);
  if (outcome.violations.length > 0) console.log(storyOf(outcome));
  else if (outcomes.length % SHOWN_EVERY === 0)
    console.error(`${outcomes.length} of ${count} seeds; ${rate()}`);
}

function rate(): string {
  return `${(outcomes.length / ((performance.now() - startedMs) / 1000)).toFixed(1)} seeds a second`;
}

function report(): void {
  const failed = outcomes.filter(({ violations }) => violations.length > 0);
  const reached = Object.entries(addReached(outcomes.map((outcome) => outcome.reached)));
  console.log(`reached: ${reached.map(([name, times]) => `${name} ${times}`).join(", ")}`);
  console.log(`${outcomes.length} seeds, ${failed.length} with violations; ${rate()}`);
  const isWhole = exitCodes.every((code) => code === 0) && (outcomes.length === count || failed.length > 0);
  if (!isWhole) console.error("podium: not all seeds were played (see above)");
  process.exit(failed.length > 0 || !isWhole ? 1 : 0);
}
