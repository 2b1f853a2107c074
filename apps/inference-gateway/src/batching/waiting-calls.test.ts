import { expect, test } from "bun:test";
import { Pace } from "../replicas/pace.ts";
import { Call } from "./call.ts";
import { expectWait } from "./expect-wait.ts";
import { WaitingCalls } from "./waiting-calls.ts";

const caller = { signal: { aborted: false } };
const NO_ONE_GONE = () => false;

function call(rows: number, deadline: number, arrivedAt = 0): Call {
  const item = { kind: "json" as const, length: 1 };
  return new Call(
    { item, body: new Uint8Array(1), rows, key: "json", pinned: false },
    caller,
    arrivedAt,
    deadline,
  );
}

function waiting(...calls: Call[]): WaitingCalls {
  const all = new WaitingCalls();
  for (const one of calls) all.push(one);
  return all;
}

/** A replica of 10 ms a row and 100 ms a batch, measured up to 32 rows, with nothing before it. */
function measured(): Pace {
  const pace = new Pace();
  let now = 0;
  for (let n = 0; n < 40; n += 1) {
    for (const rows of [1, 8, 32]) {
      const batch = { rows, sentAt: now, leftMs: 60_000 };
      pace.rowsFor(64, now + 60_000, now);
      pace.sent(batch);
      now += 100 + 10 * rows;
      pace.ended(batch, now);
    }
  }
  return pace;
}

test("rows are counted, not requests; a call larger than a batch goes alone", () => {
  const all = waiting(call(3, 100), call(2, 100), call(4, 100), call(50, 100), call(1, 100));
  expect(all.rows).toBe(60);
  const sizes = [];
  while (all.size > 0) sizes.push(all.take(() => 6, NO_ONE_GONE).map(({ work }) => work.rows));
  expect(sizes).toEqual([[3, 2], [4], [50], [1]]);
  expect(all.rows).toBe(0);
});

test("a batch is as large as its most urgent call allows, wherever in the line that is", () => {
  const pace = measured();
  const now = 100_000;
  const limitOf = (deadline: number) => pace.rowsFor(64, deadline, now);
  const patient = (count: number) => Array.from({ length: count }, () => call(1, now + 60_000));
  // Of 304 ms nine tenths less 100 are 17 rows.
  expect(waiting(call(1, now + 304), ...patient(40)).take(limitOf, NO_ONE_GONE)).toHaveLength(17);
  expect(waiting(...patient(10), call(1, now + 304), ...patient(40)).take(limitOf, NO_ONE_GONE)).toHaveLength(
    17,
  );
  // It would be late among 20 already: it waits for the next batch, which it leads.
  const late = waiting(...patient(20), call(1, now + 304), ...patient(40));
  expect(late.take(limitOf, NO_ONE_GONE)).toHaveLength(20);
  expect(late.take(limitOf, NO_ONE_GONE)).toHaveLength(17);
  expect(waiting(...patient(80)).take(limitOf, NO_ONE_GONE)).toHaveLength(64);
});

test("what a replica computes already comes off the time that a batch behind it has", () => {
  const pace = measured();
  const now = 100_000;
  pace.sent({ rows: 10, sentAt: now - 50, leftMs: 60_000 });
  // 150 of its 200 ms are left; of 454 ms, nine tenths of 304 remain.
  expect(pace.backlogMs(now)).toBeCloseTo(150, 0);
  expect(pace.rowsFor(64, now + 454, now)).toBe(17);
});

test("a call that a replica died of shares its batch with no other", () => {
  const suspect = call(1, 100);
  suspect.deaths = 1;
  const all = waiting(call(1, 100), suspect, call(1, 100), call(1, 100));
  const sizes = [];
  while (all.size > 0) sizes.push(all.take(() => 10, NO_ONE_GONE).length);
  expect(sizes).toEqual([1, 1, 2]);
});

test("the wait is that of all rows before, at the pace of all replicas together, and nothing where nothing is known", () => {
  const [one, two] = [measured(), measured()];
  const line = (rows: number, ...paces: Pace[]) => ({
    waiting: { rows },
    replicas: new Set(paces.map((pace) => ({ pace }))),
  });
  // Batches of 64 rows take 740 ms; the call's own takes 110.
  const ms = expectWait(line(640, one), 1, 1e6);
  expect(ms).toBeCloseTo(7_400 + 110, -1);
  expect(expectWait(line(640, one, two), 1, 1e6)).toBeCloseTo(3_700 + 110, -1);
  expect(expectWait(line(640, one, new Pace()), 1, 1e6)).toBeCloseTo(3_700 + 110, -1);
  expect(expectWait(line(640, new Pace()), 1, 1e6)).toBe(0);
  expect(expectWait(line(640), 1, 1e6)).toBe(0);
});
