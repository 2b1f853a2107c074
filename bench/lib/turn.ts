import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIds, createSessionSchema } from "@podium/shared";
import { users } from "../../apps/hub/src/accounts/schema.ts";
import { grantCredits } from "../../apps/hub/src/credits/index.ts";
import { createTree, putBlob } from "../../apps/hub/src/data/index.ts";
import { markReady, noteSeen, setCapacity, upsertNode } from "../../apps/hub/src/nodes/store.ts";
import type { Context } from "../../apps/hub/src/platform/context.ts";
import { type Database, migrate, openDatabase } from "../../apps/hub/src/platform/database.ts";
import { createFolderStore } from "../../apps/hub/src/platform/folder-store.ts";
import { holdLease } from "../../apps/hub/src/platform/leader.ts";
import { createLog } from "../../apps/hub/src/platform/log.ts";
import { random32, sha256 } from "../../apps/hub/src/platform/secrets.ts";
import { decide } from "../../apps/hub/src/scheduling/index.ts";
import { createSession } from "../../apps/hub/src/sessions/create.ts";
import { meterSessions } from "../../apps/hub/src/sessions/meter.ts";
import { payTogether } from "../../apps/hub/src/sessions/metering/pay-together.ts";
import { placeSessions } from "../../apps/hub/src/sessions/place.ts";
import { applyPlacements } from "../../apps/hub/src/sessions/placing/apply-placements.ts";
import { readSnapshot } from "../../apps/hub/src/sessions/placing/read-snapshot.ts";
import { ensurePersonalTeam } from "../../apps/hub/src/teams/ensure-personal-team.ts";
import { membershipsOf } from "../../apps/hub/src/teams/store.ts";
import { preparePostgres } from "../../scripts/stack/postgres.ts";
import { median } from "./median.ts";

const TEAM_CREDITS = 1_000_000;
const DEVICES = 8;
const ROUNDS = 7;

export interface TurnTimes {
  /** the turn of a leader that finds the nodes empty: it reads, decides, and places as many as a turn may */
  placingMs: number;
  placed: number;
  /** the same on the same load, each placement in a transaction of its own */
  aloneMs: number;
  /** a turn once all nodes are full, the median; and of that, reading the snapshot and deciding */
  fullMs: number;
  readMs: number;
  decideMs: number;
  /** so many sessions run then and pay their next minute, in one turn */
  running: number;
  meteringMs: number;
  /** the same, each in a transaction of its own */
  meteringAloneMs: number;
}

/** How long turns of the hub's own loop take in a real Postgres, with so many nodes and so many sessions queued, ms. */
export async function measureTurns(nodes: number, queued: number): Promise<TurnTimes> {
  const turns = await onLoad(nodes, queued, turnsOf);
  const aloneMs = await onLoad(nodes, queued, (_database, ctx) =>
    elapsed(() => placeAlone(ctx, turns.placed)),
  );
  return { ...turns, aloneMs };
}

/** Measures on a Postgres of its own, in which the nodes are empty and the sessions wait. */
async function onLoad<T>(
  nodes: number,
  queued: number,
  measure: (database: Database, ctx: Context) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "podium-bench-"));
  const secret = { superuserPassword: "bench", password: "bench" };
  const options = { dataDir: folder, ...secret, durable: true, onLine: () => undefined };
  const postgres = await preparePostgres(options);
  try {
    await postgres.start();
    await migrate(postgres.url);
    const database = openDatabase(postgres.url);
    try {
      const ctx = contextOn(database, folder);
      for (let index = 0; index < nodes; index++) await addNode(ctx, index);
      await queueSessions(database, ctx, queued);
      // As they would be after a minute: the planner knows how much waits.
      await database.sql.unsafe("vacuum analyze");
      return await measure(database, ctx);
    } finally {
      await database.close();
    }
  } finally {
    await postgres.service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function turnsOf({ sql }: Database, ctx: Context): Promise<Omit<TurnTimes, "aloneMs">> {
  const leadership = await holdLease(ctx.db, "scheduler", "bench", 3_600_000);
  if (!leadership) throw new Error("the scheduler's lease is taken");
  const turn = () => elapsed(() => placeSessions(ctx, leadership));
  const placingMs = await turn();
  const placed = (await sql`select 1 from sessions where state = 'placing'`).length;
  const free = () => sql`select 1 from devices where held_milli = 0 limit 1`;
  while ((await free()).length > 0) await turn();

  const [full, read, decided]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    full.push(await turn());
    const before = performance.now();
    const snapshot = await readSnapshot(ctx);
    read.push(performance.now() - before);
    decided.push(await elapsed(async () => void decide(snapshot)));
  }
  const times = { placingMs, placed, fullMs: median(full), readMs: median(read), decideMs: median(decided) };
  return { ...times, ...(await meteringOf(sql, ctx)) };
}

/** All that is placed runs, and its paid time ends in a moment. */
async function meteringOf(sql: Database["sql"], ctx: Context) {
  await sql`update sessions set state = 'running' where state = 'placing'`;
  const running = await sql`update attempts set state = 'running', started_at = created_at returning id`;
  const comesDue = () => sql`update usage_slices set ends_at = now() + interval '5 seconds'`;
  await comesDue();
  const meteringMs = await elapsed(() => meterSessions(ctx));
  await comesDue();
  const until = new Date(ctx.clock.now().getTime() + 10_000);
  const meteringAloneMs = await elapsed(async () => {
    for (const { id } of running) await ctx.db.transaction((tx) => payTogether(ctx, tx, [String(id)], until));
  });
  return { running: running.length, meteringMs, meteringAloneMs };
}

async function placeAlone(ctx: Context, count: number): Promise<void> {
  const { placements } = decide(await readSnapshot(ctx));
  for (const placement of placements.slice(0, count))
    await ctx.db.transaction((tx) => applyPlacements(ctx, tx, [placement]));
}

function contextOn({ db }: Database, folder: string): Context {
  const clock = { now: () => new Date() };
  return {
    actor: { kind: "system" },
    db,
    clock,
    ids: createIds(() => clock.now().getTime(), random32),
    blobs: createFolderStore(join(folder, "blobs")),
    log: createLog("silent", "bench"),
    settings: {
      publicUrl: "http://podium.test",
      secret: "0123456789abcdef0123456789abcdef",
      leaseMs: 60_000,
      inferWaitMs: 24 * 3_600_000,
      localFolder: join(folder, "local"),
    },
  };
}

async function addNode(ctx: Context, index: number): Promise<void> {
  const name = `node-${index}`;
  const devices = Array.from({ length: DEVICES }, (_, at) => ({
    index: at,
    uuid: `${name}-${at}`,
    model: "H100",
    memory_bytes: 80 * 1024 ** 3,
  }));
  const size = { cpu_milli: 96_000, memory_bytes: 512 * 1024 ** 3 };
  await ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    const id = await upsertNode(tx, { id: ctx.ids.next("node"), name, tokenSha256: sha256(name), now });
    await setCapacity(tx, id, { ...size, devices, executors: ["process"] }, () => ctx.ids.next("device"));
    await noteSeen(tx, id, now, null, []);
    await markReady(tx, id);
  });
}

/** One session as a user would submit it, and copies of it that ask for one to four devices. */
async function queueSessions({ sql }: Database, ctx: Context, count: number): Promise<void> {
  const now = ctx.clock.now();
  const id = ctx.ids.next("user");
  const user = { id, name: "bench", email: "bench@podium.test", emailVerified: true };
  await ctx.db.insert(users).values({ ...user, role: "organizer", createdAt: now, updatedAt: now });
  await ctx.db.transaction((tx) => ensurePersonalTeam(ctx, tx, { id, name: user.name }));
  const teams = await membershipsOf(ctx.db, id);
  const [team] = teams;
  if (!team) throw new Error("no personal team");
  await grantCredits(ctx, { team: team.slug, amount: TEAM_CREDITS * 1_000_000, memo: "bench" });
  const member: Context = { ...ctx, actor: { kind: "user", userId: id, role: "organizer", teams } };
  const bytes = Buffer.from("print('hello')\n");
  const hash = sha256(bytes);
  await putBlob(member, { teamId: team.id, sha256: hash, body: bytes });
  const entries = [{ path: "main.py", sha256: hash, size: bytes.byteLength, mode: 0o644 as const }];
  const tree = await ctx.db.transaction((tx) => createTree(member, tx, { teamId: team.id, entries }));
  const request = createSessionSchema.parse({ code_tree: tree.id, resources: { gpus: 1 } });
  const first = await ctx.db.transaction((tx) => createSession(member, tx, request));
  await sql`insert into sessions select (jsonb_populate_record(s, jsonb_build_object(
    'id', s.id || lpad(n::text, 6, '0'), 'name', s.name || n,
    'resources', s.resources || jsonb_build_object('gpus', 1 + n % 4)))).*
    from sessions s, generate_series(1, ${count - 1}) n where s.id = ${first.id}`;
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
