import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { bunPath, rootDir } from "../../scripts/setup/paths.mjs";
import { choosePort } from "../../scripts/stack/ports.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { ended, logIn, must, type Person, push, signUp, waitFor } from "../lib/person.ts";

/** Takes over within seconds; a busy machine may need longer. */
const TAKEN_OVER_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "podium-leader-"));
chmodSync(folder, 0o711);
/** The database alone; then a hub that stands by, with a runner, through which everything is asked for. */
let base: Stack;
let standby: Stack;
let sql: SQL;
let person: Person;
let code: string;
const hubs: Bun.Subprocess<"pipe", "ignore", "ignore">[] = [];

beforeAll(async () => {
  base = await startStack({ dataDir: join(folder, "base"), fresh: true, processes: [], durable: false });
  sql = new SQL(base.databaseUrl);
  await startHub("first");
  await waitFor("a leader", TAKEN_OVER_MS, async () => ((await lease())?.over === false ? true : null));
  standby = await startStack({
    dataDir: join(folder, "standby"),
    databaseUrl: base.databaseUrl,
    processes: ["hub", "runner"],
  });
  person = await signUp(standby.hubUrl);
  const admin = await logIn(standby.hubUrl, standby.admin);
  const grant = { team: person.team, amount: 50_000_000, memo: "" };
  must(await admin.api.POST("/api/v1/credits/grants", { body: grant }));
  code = await push(person, standby.hubUrl, { "main.py": "print('here')" });
}, 120_000);

afterAll(async () => {
  for (const hub of hubs) hub.kill("SIGKILL");
  await standby?.stop();
  await sql?.close();
  await base?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** A hub of its own on the same database. It ends with this process: its standard input is a pipe that we hold. */
async function startHub(name: string): Promise<void> {
  const port = await choosePort(undefined, "hub");
  const hub = Bun.spawn([bunPath(), join(rootDir, "apps/hub/src/main.ts")], {
    cwd: rootDir,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      DATABASE_URL: base.databaseUrl,
      PODIUM_HUB_PORT: String(port),
      PODIUM_DATA: join(folder, name),
      PODIUM_SECRET: `${name} `.repeat(8).padEnd(32),
      PODIUM_GATEWAY_TOKEN: "a token of sixteen",
      PODIUM_EXIT_WITH_PARENT: "1",
      LOG_LEVEL: "warn",
    },
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
  });
  hubs.push(hub);
  await waitFor("the hub", 60_000, async () =>
    (await fetch(`http://127.0.0.1:${port}/readyz`)).ok ? true : null,
  );
}

interface Lease {
  holder: string;
  epoch: number;
  /** nobody has renewed it */
  over: boolean;
}

async function lease(): Promise<Lease | null> {
  const rows =
    await sql`select holder, epoch, expires_at < now() as over from leases where name = 'scheduler'`;
  return (rows[0] as Lease | undefined) ?? null;
}

async function takenOver(from: Lease): Promise<Lease> {
  return waitFor("another leader", TAKEN_OVER_MS, async () => {
    const now = await lease();
    return now && now.holder !== from.holder && !now.over ? now : null;
  });
}

async function submit(): Promise<string> {
  return must(await person.api.POST("/api/v1/sessions", { body: { code_tree: code } as never })).id;
}

async function attemptsOf(id: string) {
  const rows = await sql`select a.epoch, a.created_at from attempts a where a.session_id = ${id}`;
  return [...rows] as { epoch: number; created_at: Date }[];
}

test("a leader that is stopped in the middle of its work is deposed, and changes nothing when it goes on", async () => {
  const [leader] = hubs;
  const before = await lease();
  if (!leader || !before) throw new Error("nobody leads");
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push(await submit());
  process.kill(leader.pid, "SIGSTOP");
  for (let n = 0; n < 5; n++) ids.push(await submit());
  const after = await takenOver(before);
  expect(after.epoch).toBe(before.epoch + 1);
  for (const id of ids) expect(await ended(person, id, TAKEN_OVER_MS)).toMatchObject({ state: "succeeded" });
  const attempts = await sql`select id, epoch, state from attempts order by id`;

  process.kill(leader.pid, "SIGCONT");
  // It has had time for several turns when a session that comes now has been placed, run and ended.
  const last = await submit();
  await ended(person, last, TAKEN_OVER_MS);
  expect(await lease()).toMatchObject({ holder: after.holder, epoch: after.epoch });
  const unchanged = await sql`select id, epoch, state from attempts where session_id <> ${last} order by id`;
  expect([...unchanged]).toEqual([...attempts]);
  for (const id of [...ids, last]) expect(await attemptsOf(id)).toHaveLength(1);
}, 240_000);

test("a session that comes when the leader has been killed is placed by the one that stands by", async () => {
  const [first] = hubs;
  const second = standby.pids()["hub"];
  const before = await lease();
  if (!first || second === undefined || !before) throw new Error("nobody leads");
  // The hub that has the runner leads by now: it is stopped until the other has taken over, and goes on as a standby.
  process.kill(second, "SIGSTOP");
  const leading = await takenOver(before);
  process.kill(second, "SIGCONT");

  process.kill(first.pid, "SIGKILL");
  const killedAt = Date.now();
  const id = await submit();
  const end = await ended(person, id, TAKEN_OVER_MS);
  expect(end).toMatchObject({ state: "succeeded", attempt: 1 });
  const [attempt, ...others] = await attemptsOf(id);
  expect(others).toEqual([]);
  expect(await lease()).toMatchObject({ epoch: leading.epoch + 1, over: false });
  const took = (attempt?.created_at.getTime() ?? Number.NaN) - killedAt;
  expect(took).toBeLessThan(TAKEN_OVER_MS);
  console.error(`The standby placed it ${took} ms after the kill.`);
}, 180_000);
