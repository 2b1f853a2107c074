import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { postgresPackageDir } from "../setup/paths.mjs";
import { freePort, isPortFree } from "./ports.ts";
import { initialiseCluster, recoverCluster } from "./postgres-files.ts";
import { postgresUser } from "./postgres-user.ts";
import { processesIn } from "./process-table.ts";
import { writePrivate } from "./secrets.ts";
import { Service } from "./service.ts";
import { watchdog } from "./watchdog.ts";

export interface PostgresOptions {
  /** Holds the cluster (`postgres/`), its port and its log; the caller has its lock. */
  dataDir: string;
  superuserPassword: string;
  /** The role `podium`, which owns the database `podium` and nothing else. */
  password: string;
  /** False only for tests: a crash of the machine may then lose data. */
  durable: boolean;
  onLine: (line: string) => void;
}

export interface Postgres {
  service: Service;
  /** As role `podium` on the database `podium`, which the role owns. */
  url: string;
  superuserUrl: string;
  /** Resolves when it answers and the database is there. */
  start: () => Promise<void>;
}

const ROLE = "podium";

/** Prepares Postgres 18 from its npm package, on 127.0.0.1. Throws with what to do when it can't run here. */
export async function preparePostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataDir, superuserPassword, password } = options;
  mkdirSync(join(dataDir, "logs"), { recursive: true });
  const port = await keptPort(join(dataDir, "postgres-port"));
  const superuserUrl = url("postgres", superuserPassword, port, "postgres");
  const service = makeService(options, join(dataDir, "postgres"), port, superuserUrl);
  return {
    service,
    url: url(ROLE, password, port, ROLE),
    superuserUrl,
    start: async () => {
      await service.start();
      await ensureDatabase(superuserUrl, password);
    },
  };
}

function makeService(options: PostgresOptions, dir: string, port: number, superuserUrl: string): Service {
  const binDir = join(postgresPackageDir(), "native", "bin");
  if (!existsSync(join(binDir, "postgres")))
    throw new Error("Postgres is not installed here: run `npm run setup`.");
  const user = postgresUser([join(binDir, "postgres"), dir]);
  const settings = { ...SETTINGS, ...(options.durable ? {} : NOT_DURABLE), port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return new Service(
    {
      name: "postgres",
      command: [...user.prefix, join(binDir, "postgres"), "-D", dir, ...flags],
      cwd: options.dataDir,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      logPath: join(options.dataDir, "logs", "postgres.log"),
      stopSignal: "SIGINT",
      graceMs: 30_000,
      prepare: async () => {
        initialiseCluster(dir, binDir, user, options.superuserPassword);
        await recoverCluster(dir);
      },
      // Each backend leads a group of its own; they can be told by their working directory.
      strays: () => processesIn(dir),
      isReady: () => answers(superuserUrl),
      // Smart shutdown first, so that connected processes can finish; then fast, then immediate.
      onSpawn: (pid) => watchdog(pid, `-D ${dir}`, ["TERM", "INT", "QUIT"]),
      terminalLine: (line) => (line.includes("PANIC:") ? line.trim() : undefined),
    },
    options.onLine,
  );
}

/** For small machines; local TCP only. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "96MB",
  max_wal_size: "512MB",
  // Of an SSD: told of a turning disk, Postgres reads whole tables where a thousand look-ups would do.
  random_page_cost: "1.1",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Commits still survive the death of Postgres itself; tests kill it. */
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };

/** The port is chosen once per data folder, and again only if another program has taken it meanwhile. */
async function keptPort(path: string): Promise<number> {
  const kept = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  if (kept > 0 && (await isPortFree(kept))) return kept;
  const port = await freePort();
  writePrivate(path, String(port));
  return port;
}

async function answers(superuserUrl: string): Promise<boolean> {
  const sql = new SQL({ url: superuserUrl, max: 1, connectionTimeout: 2 });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.close();
  }
}

async function ensureDatabase(superuserUrl: string, password: string): Promise<void> {
  const sql = new SQL({ url: superuserUrl, max: 1 });
  try {
    const [found] = await sql`select 1 from pg_roles where rolname = ${ROLE}`;
    // The password is ours (base64url), so it needs no quoting beyond the quotes.
    if (found === undefined) await sql.unsafe(`create role ${ROLE} login password '${password}'`);
    const [database] = await sql`select 1 from pg_database where datname = ${ROLE}`;
    if (database === undefined) await sql.unsafe(`create database ${ROLE} owner ${ROLE}`);
  } finally {
    await sql.close();
  }
}

function url(role: string, password: string, port: number, database: string): string {
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
}
