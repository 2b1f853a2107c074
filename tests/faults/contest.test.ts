import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { seeded } from "../../apps/hub/src/testing/random.ts";
import { listProcesses, signalProcess } from "../../scripts/stack/process-table.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { makeContest } from "../lib/contest/make-contest.ts";
import { replayStage } from "../lib/contest/replay.ts";
import type { Stage } from "../lib/contest/stage.ts";
import { logIn, waitFor } from "../lib/person.ts";

const STAGE: Stage = { name: "only", entrants: 12, models: 240, maximum: 60, perSecond: 8 };
const KILLS = 6;
const BACK_WITHIN_MS = 120_000;
const LONGEST_PAUSE_MS = 4_000;

const seed = Number(process.env["PODIUM_FAULT_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const random = seeded(seed);
const folder = mkdtempSync(join(tmpdir(), "podium-contest-"));
let stack: Stack;
let sql: SQL;

beforeAll(async () => {
  console.error(`The seed is ${seed}: PODIUM_FAULT_SEED=${seed} npm test -- tests/faults/contest.test.ts`);
  stack = await startStack({
    dataDir: join(folder, "data"),
    fresh: true,
    durable: false,
    processes: ["hub"],
  });
  sql = new SQL(stack.databaseUrl);
}, 120_000);

afterAll(async () => {
  await sql?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test(`${STAGE.models} submissions are scored once each, whatever is killed while they come`, async () => {
  const organizer = await logIn(stack.hubUrl, stack.admin);
  const of = { name: "stormy", rows: 100, stages: [STAGE] };
  const contest = await makeContest(stack.hubUrl, organizer, of);

  const storm = strike();
  const replayed = await replayStage(contest, STAGE, sql);
  const killed = await storm;

  expect(replayed.problems).toEqual([]);
  expect(replayed.accepted).toHaveLength(STAGE.models);
  expect(replayed.rowsEqual).toBeGreaterThan(0);
  expect(killed.hub).toBeGreaterThan(0);
  expect(killed.scorer).toBeGreaterThan(0);
}, 420_000);

/** Kills the hub and its scorers in turn, at moments that the seed decides. @returns how many of each */
async function strike(): Promise<{ hub: number; scorer: number }> {
  const killed = { hub: 0, scorer: 0 };
  for (let n = 0; n < KILLS; n += 1) {
    await Bun.sleep(1_000 + random.int(LONGEST_PAUSE_MS));
    // One that is still starting would be killed before it has done anything; scorers start with their first file.
    const victims = await waitFor("whom to kill", BACK_WITHIN_MS, async () => {
      const { ok } = await fetch(`${stack.hubUrl}/readyz`);
      const hub = stack.pids()["hub"];
      const found = n % 2 === 0 ? scorersOf(hub) : [hub].flatMap((pid) => pid ?? []);
      return ok && found.length > 0 ? found : null;
    });
    for (const pid of victims) signalProcess(pid, "SIGKILL");
    killed[n % 2 === 0 ? "scorer" : "hub"] += victims.length;
    console.error(`kill -9 of ${victims.length} ${n % 2 === 0 ? "scorers" : "hub"}`);
  }
  return killed;
}

const scorersOf = (hub: number | undefined) =>
  listProcesses()
    .filter(({ parentPid, command }) => parentPid === hub && command.includes("scorer-process"))
    .map(({ pid }) => pid);
