import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SQL } from "bun";
import { bunPath } from "../setup/paths.mjs";
import { isAlive, listProcesses, processesIn, signalProcess } from "./process-table.ts";
import { waitUntil } from "./wait.ts";

const holders: Holder[] = [];
const folders: string[] = [];

// Starting Postgres for the first time takes seconds on a busy machine.
setDefaultTimeout(60_000);

afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.stop();
  for (const folder of folders.splice(0)) {
    // A killed starter's Postgres is ended by its watchdog, a moment later.
    await waitUntil(() => noneIn(folder), { withinMs: 20_000 });
    rmSync(folder, { recursive: true, force: true });
  }
});

test("Postgres runs on a folder that only its owner may enter, and keeps its data and port", async () => {
  const dir = privateFolder();
  const first = await hold(dir);
  await query(first.url, "create table films (title text)");
  await query(first.url, "insert into films values ('Alien')");
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await hold(dir);
  expect(second.url).toBe(first.url);
  expect(await query(second.url, "select title from films")).toEqual([{ title: "Alien" }]);
});

test("Postgres does not run as root, and what it may pass by is one capability at most", async () => {
  const { pid } = await hold(privateFolder());
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  const capabilities = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(status)?.[1]}`);
  expect(uid).not.toBe("0");
  expect([0n, 2n]).toContain(capabilities);
});

test("the hub's role owns its database and is no superuser", async () => {
  const { url } = await hold(privateFolder());
  expect(
    await query(
      url,
      "select current_database() as database, rolsuper from pg_roles where rolname = current_user",
    ),
  ).toEqual([{ database: "podium", rolsuper: false }]);
  await expect(query(url.replace("podium-password", "guessed"), "select 1")).rejects.toThrow();
});

test("when its starter is killed, Postgres ends by itself, and the next start works", async () => {
  const dir = privateFolder();
  const first = await hold(dir);
  await query(first.url, "create table kept (n int)");
  signalProcess(first.holderPid, "SIGKILL");
  const isGone = () => listProcesses().every(({ command }) => !command.includes(dir)) && noneIn(dir);
  expect(await waitUntil(isGone, { withinMs: 20_000 })).toBe(true);

  const second = await hold(dir);
  expect(await query(second.url, "select count(*)::int as n from kept")).toEqual([{ n: 0 }]);
});

test("a Postgres left running by a killed start is ended before the next one begins", async () => {
  const dir = privateFolder();
  const first = await hold(dir);
  for (const { pid } of listProcesses().filter(
    (row) => row.command.includes("podium-watchdog") && row.command.includes(dir),
  )) {
    signalProcess(pid, "SIGKILL");
  }
  signalProcess(first.holderPid, "SIGKILL");
  await waitUntil(() => !isAlive(first.holderPid), { withinMs: 5_000 });
  expect(isAlive(first.pid)).toBe(true);

  const second = await hold(dir);
  expect(isAlive(first.pid)).toBe(false);
  expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a killed Postgres is started again with what was committed", async () => {
  const dir = privateFolder();
  const holder = await hold(dir);
  await query(holder.url, "create table kept (n int)");
  signalProcess(holder.pid, "SIGKILL");
  const answers = () =>
    query(holder.url, "select count(*)::int as n from kept").then(
      ([row]) => row?.["n"] === 0,
      () => false,
    );
  expect(await waitUntil(answers, { withinMs: 20_000, everyMs: 200 })).toBe(true);
});

test("a stale postmaster.pid whose number now belongs to another program does not stop the start", async () => {
  const dir = privateFolder();
  const first = await hold(dir);
  await first.stop();
  writeFileSync(join(dir, "postgres", "postmaster.pid"), `${process.pid}\n${join(dir, "postgres")}\n`);
  const second = await hold(dir);
  expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(isAlive(process.pid)).toBe(true);
});

test("an interrupted first start leaves nothing in the way", async () => {
  const dir = privateFolder();
  mkdirSync(join(dir, "postgres.new", "base"), { recursive: true });
  const { url } = await hold(dir);
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(() => statSync(join(dir, "postgres.new"))).toThrow();
});

interface Holder {
  url: string;
  pid: number;
  holderPid: number;
  stop: () => Promise<void>;
}

/** Under the home folder: root's is closed to the user that Postgres runs as, as a clone under /root is. */
function privateFolder(): string {
  const dir = mkdtempSync(join(homedir(), ".podium-test-"));
  folders.push(dir);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  return dir;
}

function noneIn(dir: string): boolean {
  return processesIn(join(dir, "postgres")).length === 0;
}

async function hold(dir: string): Promise<Holder> {
  const child = spawn(bunPath(), [join(import.meta.dir, "fixtures", "hold-postgres.ts"), dir], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    void ended.then(() => reject(new Error("Postgres did not start.")));
  });
  const { url, pid } = JSON.parse(line) as { url: string; pid: number };
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  const holder = { url, pid, holderPid: child.pid ?? 0, stop };
  holders.push(holder);
  return holder;
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const sql = new SQL({ url, max: 1, connectionTimeout: 5 });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.close();
  }
}
