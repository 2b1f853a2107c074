import type { Prices, Resources } from "@podium/shared";
import type { OneConnection } from "../../apps/hub/src/testing/one-connection.ts";

/** What the database says at one moment: all that invariants are about. Times are milliseconds, amounts microcredits. */
export interface Observation {
  sessions: {
    id: string;
    kind: string;
    state: string;
    epoch: number;
    nodes: number;
    attempt_id: string | null;
    stop_reason: string | null;
    after_stop: string | null;
    failure: string | null;
    resources: Resources;
    prices: Prices;
    created_ms: number;
  }[];
  attempts: {
    id: string;
    session_id: string;
    node_id: string;
    epoch: number;
    rank: number;
    state: string;
    acked_seq: number;
    exit_code: number | null;
    failure: string | null;
    started_ms: number | null;
    ended_ms: number | null;
    /** lines and checkpoints that are stored of it */
    lines: number;
  }[];
  /** `milli`: thousandths of the device */
  allocations: { id: string; attempt_id: string; device_id: string; milli: number; released: boolean }[];
  nodes: { id: string; state: string }[];
  devices: { id: string; node_id: string; index: number; held_milli: number }[];
  accounts: { team_id: string; kind: string; balance: number; entries: number }[];
  ledgerSum: number;
  /** slices of time with the holds that pay for them */
  slices: {
    attempt_id: string;
    slice: number;
    state: string;
    amount: number;
    settled: number | null;
    refunded: number;
    starts_ms: number;
    ends_ms: number;
  }[];
  /** what teams' holds come to */
  holds: { team_id: string; open: number; spent: number; granted: number }[];
  submissions: {
    id: string;
    state: string;
    score: number | null;
    refunded: boolean;
    platform_fault: boolean;
    infer_session_id: string | null;
    scores: number;
    scored: number | null;
  }[];
  /** submissions that count, by entrant and round */
  tries: { all: number }[];
}

/** What is seen, each a list of rows. */
type Seen = Exclude<keyof Observation, "ledgerSum">;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const list = (query: string) => `(select coalesce(json_agg(x), '[]') from (${query}) x)`;

const LISTS: Record<Seen, string> = {
  sessions: `select id, kind, state, epoch, nodes, attempt_id, stop_reason, after_stop, failure->>'code' as failure, resources, prices, ${ms("created_at")} as created_ms
    from sessions order by id`,
  attempts: `select id, session_id, node_id, epoch, rank, state, acked_seq, exit_code, failure->>'code' as failure, ${ms("started_at")} as started_ms, ${ms("ended_at")} as ended_ms,
    (select count(*) from log_lines l where l.attempt_id = attempts.id)::int as lines from attempts order by id`,
  allocations: `select id, attempt_id, device_id, milli, released_at is not null as released from allocations order by id`,
  nodes: `select id, state from nodes order by id`,
  devices: `select id, node_id, index, held_milli from devices order by id`,
  accounts: `select coalesce(team_id, '') as team_id, kind, balance::float8 as balance,
    coalesce((select sum(amount) from ledger_entries e where e.account_id = a.id), 0)::float8 as entries from credit_accounts a order by id`,
  slices: `select attempt_id, slice, h.state, h.amount::float8 as amount, h.settled_amount::float8 as settled, h.refunded_amount::float8 as refunded,
    ${ms("starts_at")} as starts_ms, ${ms("ends_at")} as ends_ms from usage_slices s join holds h on h.id = s.hold_id order by attempt_id, slice`,
  holds: `select t.id as team_id,
    coalesce((select sum(amount) from holds h where h.team_id = t.id and h.state = 'open'), 0)::float8 as open,
    coalesce((select sum(settled_amount - refunded_amount) from holds h where h.team_id = t.id and h.state = 'closed'), 0)::float8 as spent,
    coalesce((select -sum(e.amount) from ledger_entries e join ledger_transactions l on l.id = e.transaction_id
      join credit_accounts a on a.id = e.account_id where l.team_id = t.id and a.kind = 'grants'), 0)::float8 as granted
    from teams t order by t.id`,
  submissions: `select id, state, score, refunded, platform_fault, infer_session_id,
    (select count(*) from scores c where c.submission_id = submissions.id)::int as scores,
    (select max(c.score) from scores c where c.submission_id = submissions.id) as scored from submissions order by id`,
  tries: `select count(*) filter (where not refunded)::int as all
    from submissions group by entrant_id, round_id`,
};

/** Where each list comes from: what was not written to since need not be read again. */
const SOURCES: Record<Seen, readonly string[]> = {
  sessions: ["sessions"],
  attempts: ["attempts", "log_lines"],
  allocations: ["allocations"],
  nodes: ["nodes"],
  devices: ["devices", "allocations"],
  accounts: ["credit_accounts", "ledger_entries"],
  slices: ["usage_slices", "holds"],
  holds: ["holds", "ledger_entries"],
  submissions: ["submissions", "scores"],
  tries: ["submissions"],
};
const SUM = `(select coalesce(sum(amount), 0) from ledger_entries)::float8 as "ledgerSum"`;

/** @param before  what was seen last, and is seen again where `written` does not name its tables; null: all is read */
export async function observe(
  connection: OneConnection,
  before: Observation | null,
  written: ReadonlySet<string>,
): Promise<Observation> {
  const changed = (tables: readonly string[]) =>
    before === null || tables.some((table) => written.has(table));
  const names = (Object.keys(LISTS) as Seen[]).filter((name) => changed(SOURCES[name]));
  const columns = names.map((name) => `${list(LISTS[name])} as ${name}`);
  if (changed(["ledger_entries"])) columns.push(SUM);
  if (before && columns.length === 0) return before;
  const [row] = await connection.rows(`select ${columns.join(",\n")}`);
  return { ...before, ...row } as Observation;
}

/** Events that no hub has taken out of the outbox yet. */
export async function outboxSize(connection: OneConnection): Promise<number> {
  const [row] = await connection.rows<{ n: number }>(
    "select count(*)::int as n from events where relayed_at is null",
  );
  return row?.n ?? 0;
}
