import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { bunPath } from "../../scripts/setup/paths.mjs";
import { addReached, replayOf } from "./report.ts";
import type { Outcome } from "./run-seed.ts";

export interface PlayOptions {
  /** a throw-away Postgres server: each process makes a database of its own on it */
  server: string;
  /** processes at once; what comes of a seed does not depend on it */
  jobs: number;
  /** the name of a planted bug */
  planted?: string | undefined;
  /** no more seeds are begun once so many have failed; left out: all are played */
  mostFailures?: number;
  /** called as seeds end, which is not in their order */
  onOutcome?: (outcome: Outcome) => void;
  /** ends all processes at once */
  signal?: AbortSignal;
}

export interface Played {
  seeds: number;
  /** seeds with violations, in their order, with their stories */
  failed: Outcome[];
  reached: Outcome["reached"];
}

const outcomeSchema = z.object({
  seed: z.number(),
  violations: z.array(z.string()),
  story: z.array(z.string()),
  reached: z.record(z.string(), z.number()),
});

/**
 * Plays seeds in several processes at once, each of which takes the next when it is done with one. `seeds` is asked for
 * one at a time, so that it may depend on what was reached so far.
 * Throws when a process breaks; the others end with the seeds that they are at.
 */
export async function playSeeds(seeds: Iterable<number>, options: PlayOptions): Promise<Played> {
  const { jobs, mostFailures = Number.POSITIVE_INFINITY, onOutcome } = options;
  const coming = seeds[Symbol.iterator]();
  const played: Played = { seeds: 0, failed: [], reached: {} };
  let isBroken = false;
  const next = () => {
    if (isBroken || played.failed.length >= mostFailures) return null;
    const { done, value } = coming.next();
    return done ? null : value;
  };
  const hear = (outcome: Outcome) => {
    played.seeds += 1;
    played.reached = addReached([played.reached, outcome.reached]);
    if (outcome.violations.length > 0) played.failed.push(outcome);
    onOutcome?.(outcome);
  };
  const players = Array.from({ length: jobs }, async () => {
    try {
      await playIn(startWorker(options), next, hear, options.planted);
    } catch (error) {
      isBroken = true;
      throw error;
    }
  });
  const broken = (await Promise.allSettled(players)).find(({ status }) => status === "rejected");
  if (broken?.status === "rejected") throw broken.reason;
  played.failed.sort((a, b) => a.seed - b.seed);
  return played;
}

type Worker = ChildProcessByStdio<Writable, Readable, null>;

function startWorker({ server, planted, signal }: PlayOptions): Worker {
  const child = spawn(bunPath(), [join(import.meta.dir, "worker.ts"), planted ?? ""], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, TEST_DATABASE_URL: server },
    ...(signal ? { signal } : {}),
  });
  // What is written to one that has died is lost; its end says that it died.
  child.stdin.on("error", () => undefined);
  return child;
}

/** Lets one process play seed after seed. Throws when it ends without having played what it was given. */
async function playIn(
  worker: Worker,
  next: () => number | null,
  hear: (outcome: Outcome) => void,
  planted?: string,
): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    worker.once("error", (error) => resolve(error.message));
    worker.once("close", (code, signal) => resolve(code === 0 ? "" : `it ended with ${code ?? signal}`));
  });
  const answers = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  for (let seed = next(); seed !== null; seed = next()) {
    worker.stdin.write(`${seed}\n`);
    const { done, value } = await answers.next();
    if (done)
      throw new Error(
        `The process that played seed ${seed} broke: ${await ended}. To see it again: ${replayOf(seed, planted)}`,
      );
    hear(outcomeSchema.parse(JSON.parse(value)));
  }
  worker.stdin.end();
  const complaint = await ended;
  if (complaint) throw new Error(`A process that had played all its seeds broke: ${complaint}.`);
}
