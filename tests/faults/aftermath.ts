import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Prices, Resources } from "@podium/shared";
import type { SQL } from "bun";
import { priceOf } from "../../apps/hub/src/credits/pricing.ts";
import { containersOf } from "../../apps/node-runner/src/testing/docker.ts";
import { listProcesses } from "../../scripts/stack/process-table.ts";
import type { Cluster } from "./cluster.ts";

const SLICE_MS = 60_000;
const MODEL = "A100";
const OUR_FAULTS = ["platform_error", "node_lost"];

interface Attempt {
  id: string;
  state: string;
  failure: string | null;
  /** milliseconds since 1970 */
  started: number | null;
  ended: number | null;
  resources: Resources;
  prices: Prices;
  /** microcredits, refunds taken off */
  cost: number;
}

/** What is still held, and what was charged wrongly: each attempt costs its time, and nothing where we were at fault. */
export async function wrongInBooks(sql: SQL): Promise<string[]> {
  const attempts: Attempt[] = await sql`
    select a.id, a.state, a.failure->>'code' as failure, s.resources, s.prices,
      (extract(epoch from a.started_at) * 1000)::float8 as started,
      (extract(epoch from a.ended_at) * 1000)::float8 as ended,
      (select coalesce(sum(h.settled_amount - h.refunded_amount), 0) from usage_slices u
        join holds h on h.id = u.hold_id where u.attempt_id = a.id)::float8 as cost
    from attempts a join sessions s on s.id = a.session_id
    -- A replica is paid for as long as it may have answered.
    where s.kind <> 'serve' order by a.id`;
  const [held] = await sql`
    select (select count(*) from allocations where released_at is null)::int as allocations,
      (select count(*) from holds where state = 'open')::int as holds,
      (select coalesce(sum(amount), 0) from ledger_entries)::float8 as sum,
      (select count(*) from attempts where state not in ('ended', 'lost'))::int as attempts`;
  const still = Object.entries(held as Record<string, number>).filter(([, count]) => count !== 0);
  return [
    ...still.map(([what, count]) => `${what}: ${count}`),
    ...attempts.flatMap((attempt) => {
      const due = priceOfTime(attempt);
      return attempt.cost === due
        ? []
        : `${attempt.id} (${attempt.failure}) cost ${attempt.cost}, not ${due}`;
    }),
  ];
}

/** Whole slices, and a part of one, each rounded up. */
function priceOfTime({ failure, started, ended, prices, resources }: Attempt): number {
  if (OUR_FAULTS.includes(failure ?? "") || started === null || ended === null) return 0;
  const models = Array.from({ length: resources.gpus }, () => MODEL);
  const price = (ms: number) => priceOf(prices, resources, models, ms);
  const ms = Math.round(ended - started);
  return Math.floor(ms / SLICE_MS) * price(SLICE_MS) + price(ms % SLICE_MS);
}

/** What is left on this machine of sessions that have ended: containers, processes, mounts, folders. */
export function leftBehind({ docker, nodes }: Cluster): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return nodes.flatMap((node) => {
    const attempts = join(node, "attempts");
    return [
      ...listProcesses()
        .filter(({ command, state }) => state !== "Z" && command.includes(`${attempts}/`))
        .map(({ pid, command }) => `process ${pid}: ${command.slice(0, 200)}`),
      ...mounts.filter((line) => line.includes(` ${attempts}/`)).map((line) => `mount: ${line}`),
      ...(existsSync(attempts) ? readdirSync(attempts) : []).map((name) => `folder: ${attempts}/${name}`),
      ...(docker?.data === node ? containersOf(docker.host, node) : []).map((id) => `container: ${id}`),
    ];
  });
}
