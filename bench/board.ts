// A leaderboard of 100,000 entrants and 1,000,000 submissions: any page at the API, one update, and 5,000 who watch it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "../apps/hub/src/platform/database.ts";
import { startStack } from "../scripts/stack/stack.ts";
import { logIn, type Person, signUp } from "../tests/lib/person.ts";
import { cpuMs } from "./lib/board/cpu.ts";
import { type Contest, fillContest, makeContest, scoreOne } from "./lib/board/make-contest.ts";
import { openViewers } from "./lib/board/viewers.ts";
import { report } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    entrants: { type: "string", default: "100000" },
    each: { type: "string", default: "10" },
    reads: { type: "string", default: "3000" },
    viewers: { type: "string", default: "5000" },
    changes: { type: "string", default: "15" },
    /** `viewers`: only those who watch, without the reads before. */
    part: { type: "string", default: "all" },
  },
});
const [entrants, each, reads] = [Number(values.entrants), Number(values.each), Number(values.reads)];
const AT_ONCE = 2;
const PAGE = 50;
/** They last as long as it takes to score so many: 20 a second are, and each moves a board of all entrants. */
const MOST_BUSY_READS = 3_000;
const NAME = "large";

const figures: Record<string, number> = { entrants, submissions: entrants * each };
const folder = mkdtempSync(join(tmpdir(), "podium-bench-board-"));
const stack = await startStack({ dataDir: join(folder, "data"), durable: false, processes: ["hub"] });
try {
  const organizer = await logIn(stack.hubUrl, stack.admin);
  const contest = await makeContest(stack.hubUrl, organizer, NAME);
  await fillContest(stack.databaseUrl, contest, entrants, each);
  console.error("the contest is filled");
  const player = await signUp(stack.hubUrl, "player");
  const board = `/api/v1/competitions/${NAME}/rounds/only/leaderboard`;
  figures["first_read_ms"] = (await timed(player, board)).ms;
  const { sql, close } = openDatabase(stack.databaseUrl, { max: 2 });
  if (values.part === "all") await measureReads(organizer, player, board, contest, sql);

  const path = `${board}/stream`;
  const viewers = await openViewers(stack.hubUrl, path, player.token, Number(values.viewers));
  figures["viewers"] = viewers.count;
  console.error(`${viewers.count} watch`);
  const delays: number[] = [];
  const firsts: number[] = [];
  const spreads: number[] = [];
  let missed = 0;
  for (let n = 0; n < Number(values.changes); n += 1) {
    // Better than all before: it stands on the first page.
    const score = 0.9 - n / 1000;
    const told = viewers.until(`"score":${score},`, 10_000);
    await scoreOne(sql, contest, 5 + n, 900 + n, score);
    const reached = await told;
    missed += viewers.count - reached.length;
    delays.push(...reached);
    firsts.push(Math.min(...reached));
    spreads.push(Math.max(...reached) - Math.min(...reached));
    await Bun.sleep(300);
  }
  viewers.close();
  await close();
  Object.assign(
    figures,
    named("submission_scored_to_viewer", delays),
    named("submission_scored_to_first_viewer", firsts),
    named("first_to_last_viewer", spreads),
  );
  figures["viewers_not_reached"] = missed;
  const result = {
    bench: "board",
    figures,
    aims: [
      ...(values.part === "all"
        ? [aim("any page at the API, p99", "ms", 10, figures["page_p99_ms"] ?? Number.NaN)]
        : []),
      aim("the last of 5,000 viewers has a change", "ms", 1000, Math.max(...delays)),
      aim("viewers that were not reached", "", 0, missed),
    ],
  };
  // A part is no result of the whole.
  if (values.part === "all") report(result);
  else report(result, folder);
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}

type Sql = ReturnType<typeof openDatabase>["sql"];

/**
 * Pages while nothing else happens, and while submissions are scored; then the board against its submissions. In this
 * order: whoever has just worked out a million submissions, hub and bench, tidies its memory up for a while.
 */
async function measureReads(
  organizer: Person,
  player: Person,
  board: string,
  contest: Contest,
  sql: Sql,
): Promise<void> {
  const random = randomPages(board);
  await readPages(player, random, 200);
  const hub = stack.pids()["hub"] ?? 0;
  const { quiet, smallest } = await readInTurn(player, random, hub);
  console.error("pages are read");
  Object.assign(figures, named("page", quiet), named("smallest_answer", smallest));
  for (const at of ["p50", "p99"])
    figures[`page_${at}_of_smallest_answer`] =
      (figures[`page_${at}_ms`] ?? Number.NaN) / (figures[`smallest_answer_${at}_ms`] ?? Number.NaN);

  let writing = true;
  const writer = (async () => {
    for (let n = 0; writing; n += 1) {
      await scoreOne(sql, contest, 1 + ((n * 7919) % entrants), each + 1 + Math.floor(n / entrants), 1.5);
      await Bun.sleep(50);
    }
  })();
  const busy = await readPages(player, random, Math.min(reads, MOST_BUSY_READS));
  writing = false;
  await writer;
  await untilSettled(sql);
  Object.assign(figures, named("page_while_20_a_second_are_scored", busy));

  figures["recompute_all_s"] = (await timed(organizer, `${board}/recomputed`)).ms / 1000;
  await compareBoards(organizer, board);
  Object.assign(
    figures,
    named("page_after_recomputation", await readPages(player, random, Math.ceil(reads / 3))),
  );
}

function aim(name: string, unit: string, most: number, measured: number) {
  return { name, unit, aim: most, measured, met: measured <= most };
}

/** Waits until every event has been relayed and handled: what was scored is on the board. */
async function untilSettled(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql`select (select count(*) from submissions where number > ${each})::int as scored,
      (select count(*) from leaderboard_rows where board = 'public' and submissions > ${each})::int as shown`;
    if (row?.["scored"] === row?.["shown"]) return;
    console.error(`${row?.["shown"]} of ${row?.["scored"]} new scores are on the board`);
    await Bun.sleep(1000);
  }
}

async function timed({ token }: Person, path: string, status = 200) {
  const started = performance.now();
  const answer = await fetch(`${stack.hubUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${path}: ${answer.status} ${text.slice(0, 200)}`);
  return { ms: performance.now() - started, text };
}

/** First, deep and middle pages, and pages around a team, in a fixed order. */
function randomPages(board: string): () => string {
  let n = 0;
  return () => {
    n += 1;
    const at = (n * 104_729) % entrants;
    if (n % 4 === 0) return `${board}?limit=${PAGE}`;
    return n % 4 === 1
      ? `${board}?limit=${PAGE}&around=team-${at + 1}`
      : `${board}?limit=${PAGE}&after=${at}`;
  };
}

/**
 * Pages and the smallest answer that the API has (one that says that nothing is there), in turns of a tenth: whatever
 * else the machine is busy with slows both. What a page costs beyond that answer is the board's.
 */
async function readInTurn(person: Person, next: () => string, hub: number) {
  const times = { quiet: [] as number[], smallest: [] as number[] };
  const cpu = { quiet: 0, smallest: 0 };
  const nothing = () => `/api/v1/competitions/${NAME}/stream-of-nothing`;
  const count = Math.ceil(reads / 10);
  for (let turn = 0; turn < 20; turn += 1) {
    const what = turn % 2 === 0 ? "quiet" : "smallest";
    const before = cpuMs(hub);
    const taken =
      what === "quiet" ? await readPages(person, next, count) : await readPages(person, nothing, count, 404);
    cpu[what] += cpuMs(hub) - before;
    times[what].push(...taken);
  }
  figures["hub_cpu_ms_per_page"] = cpu.quiet / times.quiet.length;
  figures["hub_cpu_ms_per_smallest_answer"] = cpu.smallest / times.smallest.length;
  return times;
}

async function readPages(person: Person, next: () => string, count: number, status = 200): Promise<number[]> {
  const taken: number[] = [];
  const reader = async () => {
    while (taken.length < count) taken.push((await timed(person, next(), status)).ms);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return taken;
}

/** Every row of every page, against the board that is worked out from submissions alone. */
async function compareBoards(person: Person, board: string): Promise<void> {
  const recomputed = JSON.parse((await timed(person, `${board}/recomputed`)).text);
  const rows: unknown[] = [];
  for (let next: string | null = "0"; next !== null; ) {
    const page: { rows: unknown[]; next: string | null } = JSON.parse(
      (await timed(person, `${board}?limit=200&after=${next}`)).text,
    );
    rows.push(...page.rows);
    next = page.next;
  }
  if (!Bun.deepEquals(rows, recomputed.rows))
    throw new Error("The board is not the one that its submissions give.");
  figures["rows_equal_to_recomputation"] = rows.length;
}

function named(what: string, times: readonly number[]): Record<string, number> {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return {
    [`${what}_p50_ms`]: at(0.5),
    [`${what}_p99_ms`]: at(0.99),
    [`${what}_max_ms`]: sorted.at(-1) ?? Number.NaN,
  };
}
