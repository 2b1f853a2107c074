import { DomainError } from "@podium/shared";
import type { ScoreRequest, ScoreResult } from "./score-request.ts";
import { ScorerChild, ScorerDied } from "./scorer-child.ts";
import type { ScorerAnswer } from "./scorer-messages.ts";
import { fileError } from "./tables/file-error.ts";

export interface ScorerPool {
  /**
   * Scores in a child process; waits when all children are busy, first come first served.
   * @throws DomainError as `scoreFiles`, and `invalid_predictions` when the files ended the scorer, or kept it
   *   beyond its time, twice; a plain Error when the platform is at fault (try again later)
   */
  score(request: ScoreRequest): Promise<ScoreResult & { peakRssBytes: number }>;
  /** Ends all children; what waits or runs fails with a plain Error. */
  close(): Promise<void>;
}

export interface ScorerPoolOptions {
  /** Children at most; each starts when it is first needed and stays. */
  size: number;
  /** Per attempt on a child. */
  timeoutMs: number;
  /** For DuckDB, per child. */
  memoryBytes: number;
  /** The child's program; another one only in tests. */
  entry?: string;
}

/** A child that holds more than this after its work is let go: an idle scorer should cost the machine little. */
const RETIRE_ABOVE_BYTES = 256 * 1024 ** 2;
const ATTEMPTS = 2;

/** Starts no process yet; the first request does. */
export function createScorerPool({ size, timeoutMs, memoryBytes, entry }: ScorerPoolOptions): ScorerPool {
  const idle: ScorerChild[] = [];
  const all = new Set<ScorerChild>();
  const turns = createTurns(size);
  let closed = false;

  /** An idle child that still lives: one that died meanwhile must not count against the next file. */
  function warmChild(): ScorerChild | undefined {
    for (let child = idle.pop(); child; child = idle.pop()) {
      if (child.alive) return child;
      all.delete(child);
    }
    return undefined;
  }

  /** In place of a warm one, which whatever ended the last child may just have ended, too. */
  async function freshChild(): Promise<ScorerChild> {
    const warm = warmChild();
    if (warm) all.delete(warm);
    await warm?.kill();
    return new ScorerChild(entry);
  }

  async function attempt(request: ScoreRequest, again: boolean): Promise<ScorerAnswer> {
    if (closed) throw new Error("The scorer is shutting down. Score this again later.");
    const child = again ? await freshChild() : (warmChild() ?? new ScorerChild(entry));
    all.add(child);
    let keep = false;
    try {
      const answer = await child.ask(request, timeoutMs);
      keep = !closed && answer.rss_bytes <= RETIRE_ABOVE_BYTES;
      return answer;
    } finally {
      if (keep) idle.push(child);
      else {
        all.delete(child);
        await child.kill();
      }
    }
  }

  async function scoreInTurn(request: ScoreRequest): Promise<ScorerAnswer> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt(request, tried > 1);
      } catch (error) {
        if (!(error instanceof ScorerDied)) throw error;
        if (closed) throw new Error("The scorer is shutting down. Score this again later.");
        if (tried === ATTEMPTS) throw killedTwice(error);
      }
    }
  }

  return {
    async score(request) {
      await turns.take();
      try {
        return resultOf(await scoreInTurn({ ...request, limits: { ...request.limits, memoryBytes } }));
      } finally {
        turns.end();
      }
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((child) => child.kill()));
      all.clear();
      idle.length = 0;
    },
  };
}

/** At most `size` at a time, first come first served. */
function createTurns(size: number) {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async take() {
      if (taken >= size) await new Promise<void>((resolve) => waiting.push(resolve));
      else taken += 1;
    },
    end() {
      const next = waiting.shift();
      if (next) next();
      else taken -= 1;
    },
  };
}

function resultOf(answer: ScorerAnswer) {
  if (answer.type === "refused") throw new DomainError(answer.code, answer.message, answer.details);
  if (answer.type === "fault") throw new Error(`The scorer failed: ${answer.message}`);
  return { ...answer.result, peakRssBytes: answer.peak_rss_bytes };
}

function killedTwice(error: ScorerDied) {
  const rest = `could not be scored: twice, ${error.message}. Write a plain CSV with the id and the prediction of each row.`;
  return fileError("predictions", "killed_the_scorer", rest);
}
