import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { GOOD_CALLS, NAMING_MODEL, WRONG_CALLS } from "./lib/serving/distinct-calls.ts";
import { RawCaller } from "./lib/serving/raw-caller.ts";
import { ReplicatedModels } from "./lib/serving/replicated-models.ts";

setDefaultTimeout(240_000);

const CALLERS = Math.min(10_000, fileLimit() - 1_000);
const KEYS = Array.from({ length: 40 }, (_, n) => `pdk_key-${n}`);
/** A replica of each model dies when so many callers have their answers. */
const KILL_AT = [CALLERS >> 2, CALLERS >> 1];
/** Connections that are opened at once: more than a listener's backlog would be refused for a second. */
const WAVE = 250;

let models: ReplicatedModels;
beforeAll(async () => {
  models = await ReplicatedModels.start(
    [
      { name: "shared", script: NAMING_MODEL("parameters"), replicas: 2 },
      { name: "each", script: NAMING_MODEL("row_parameters"), replicas: 2 },
    ],
    KEYS,
  );
});
afterAll(() => models[Symbol.asyncDispose]());

test("10,000 callers at once, of every form, some wrong, some leaving, while replicas die: every answer is its caller's", async () => {
  const callers: RawCaller[] = [];
  while (callers.length < CALLERS) {
    const wave = Array.from({ length: Math.min(WAVE, CALLERS - callers.length) }, () =>
      RawCaller.connect(models.url),
    );
    callers.push(...(await Promise.all(wave)));
  }
  const random = randomOf(20_260);
  const outcomes = { own: 0, left: 0, late: 0, lost: 0 };
  let kills = 0;
  const complaints: string[] = [];
  let ended = 0;
  const answers = callers.map(async (caller, index) => {
    const n = index + 1;
    const call = pick(n, random);
    const { path, headers, body, complain } = call.asked;
    const answer = await caller.post(path, headers, body, call.leavesAfterMs);
    ended += 1;
    if (KILL_AT.includes(ended)) for (const name of MODELS) kills += models.kill(name) >= 0 ? 1 : 0;
    if (answer === null) outcomes.left += 1;
    else if (call.isHurried && [429, 503, 504].includes(answer.status)) outcomes.late += 1;
    else if (answer.status === 503 && answer.body.includes("stopped twice")) outcomes.lost += 1;
    else {
      outcomes.own += 1;
      const complaint = complain(answer);
      if (complaint) complaints.push(`${n} (${path}): ${complaint}`);
    }
  });
  await Promise.all(answers);

  expect(complaints.slice(0, 10)).toEqual([]);
  expect(outcomes.own).toBeGreaterThan(CALLERS * 0.8);
  expect(outcomes.own + outcomes.left + outcomes.late + outcomes.lost).toBe(CALLERS);
  // Who was lost on one replica goes alone to the next: a second loss can be that of one caller at most.
  expect(kills).toBe(2 * KILL_AT.length);
  expect(outcomes.lost).toBeLessThanOrEqual(kills);
});

const MODELS = ["shared", "each"];

/** What caller `n` asks, and whether it leaves before the answer, or has little time. */
function pick(n: number, random: () => number) {
  const kinds = random() < 0.2 ? WRONG_CALLS : GOOD_CALLS;
  const make = kinds[Math.floor(random() * kinds.length)] ?? GOOD_CALLS[0];
  const asked = make?.(MODELS[n % 2] ?? "", n, KEYS[n % KEYS.length] ?? "");
  if (!asked) throw new Error("There are no calls.");
  const leaves = random() < 0.08;
  const isHurried = !leaves && random() < 0.05;
  if (isHurried) asked.headers["x-request-timeout-ms"] = String(1 + Math.floor(random() * 2_000));
  return { asked, isHurried, ...(leaves ? { leavesAfterMs: Math.floor(random() * 3_000) } : {}) };
}

/** Uniform in [0, 1), the same each time (mulberry32). */
function randomOf(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Descriptors that a process may have here. */
function fileLimit(): number {
  const limit = Number(Bun.spawnSync(["sh", "-c", "ulimit -Hn"]).stdout.toString());
  return Number.isFinite(limit) ? limit : Infinity;
}
