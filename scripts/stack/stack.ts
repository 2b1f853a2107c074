import { accessSync, constants, mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "./lock.ts";
import { choosePort } from "./ports.ts";
import { preparePostgres } from "./postgres.ts";
import { isAlive, processesMarked, signalProcess } from "./process-table.ts";
import { gatewayUrl, hubUrl, type ProcessName, processSpec, type Wiring } from "./processes.ts";
import { folderSecrets, type Secrets } from "./secrets.ts";
import { Service } from "./service.ts";
import { waitUntil } from "./wait.ts";

export interface StackOptions {
  /** Everything the stack keeps: database, blobs, logs, secrets. Locked while it runs. */
  dataDir: string;
  /** Empties the folder first. */
  fresh?: boolean;
  /** Ports to use; a port that isn't given is any free one. */
  ports?: Partial<Record<ProcessName, number>>;
  /** Added to each process's environment. The hub alone sees database, mail and storage settings. */
  env?: Record<string, string>;
  /** Uses this database instead of starting Postgres. */
  databaseUrl?: string;
  /** False only for tests: a crash of the machine may then lose data. */
  durable?: boolean;
  /** Which processes to start, in this order; all three by default. */
  processes?: ProcessName[];
  adminEmail?: string;
  /** Takes one short line for the terminal: warnings, restarts. */
  onLine?: (line: string) => void;
}

export interface Stack {
  hubUrl: string;
  gatewayUrl: string;
  databaseUrl: string;
  admin: { email: string; password: string; passwordFile: string };
  joinToken: string;
  /** Process ids by name, as they are now. */
  pids: () => Record<string, number>;
  /** Ends all of it in reverse order; returns once nothing is left. Safe to call twice. */
  stop: () => Promise<void>;
}

/** A stack that is being started: it can be stopped at any moment. */
export interface StartingStack {
  started: Promise<Stack>;
  stop: () => Promise<void>;
  /** Kills everything at once. */
  kill: () => void;
}

const ADMIN_EMAIL = "admin@podium.local";
const MARK = "PODIUM_STACK";

/**
 * Runs Postgres, hub, gateway and runner as child processes on a data folder, and keeps them running.
 * Throws with one clear line when the folder is in use, a given port is busy, or a process doesn't get ready;
 * nothing is left running then.
 */
export function startStack(options: StackOptions): Promise<Stack> {
  return beginStack(options).started;
}

/** As `startStack`, for callers that must be able to stop before everything is up. */
export function beginStack(options: StackOptions): StartingStack {
  const run = new StackRun(options);
  const started = run.start().catch(async (error) => {
    await run.stop();
    throw error;
  });
  return { started, stop: () => run.stop(), kill: () => run.kill() };
}

class StackRun {
  private readonly services: Service[] = [];
  private readonly mark = { name: MARK, value: crypto.randomUUID() };
  private readonly onLine: (line: string) => void;
  private release: (() => void) | undefined;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: StackOptions) {
    this.onLine = options.onLine ?? (() => {});
  }

  async start(): Promise<Stack> {
    const dataDir = this.openFolder();
    const { secrets, adminPasswordFile } = folderSecrets(dataDir);
    const { ports = {}, env = {}, processes = ["hub", "gateway", "runner"] } = this.options;
    const wiring: Wiring = {
      dataDir,
      adminEmail: this.options.adminEmail ?? ADMIN_EMAIL,
      secrets,
      env,
      mark: this.mark,
      ports: {
        hub: await choosePort(ports.hub, "hub"),
        gateway: await choosePort(ports.gateway, "gateway"),
        runner: await choosePort(ports.runner, "runner"),
      },
      databaseUrl: this.options.databaseUrl ?? (await this.startDatabase(dataDir, secrets)),
    };
    for (const name of processes) await this.startProcess(name, wiring);
    return {
      hubUrl: hubUrl(wiring),
      gatewayUrl: gatewayUrl(wiring),
      databaseUrl: wiring.databaseUrl,
      admin: { email: wiring.adminEmail, password: secrets.adminPassword, passwordFile: adminPasswordFile },
      joinToken: secrets.joinToken,
      pids: () =>
        Object.fromEntries(
          this.services.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]])),
        ),
      stop: () => this.stop(),
    };
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  kill(): void {
    for (const service of this.services) service.kill();
    for (const pid of processesMarked(`${MARK}=${this.mark.value}`)) signalProcess(pid, "SIGKILL");
  }

  private openFolder(): string {
    const dataDir = writableFolder(this.options.dataDir);
    this.release = takeLock(join(dataDir, "lock"), `The data folder ${dataDir}`);
    if (this.options.fresh === true) emptyFolder(dataDir);
    mkdirSync(join(dataDir, "logs"), { recursive: true });
    return dataDir;
  }

  private async startDatabase(dataDir: string, secrets: Secrets): Promise<string> {
    const postgres = await preparePostgres({
      dataDir,
      superuserPassword: secrets.postgresSuperuserPassword,
      password: secrets.postgresPassword,
      durable: this.options.durable ?? true,
      onLine: this.onLine,
    });
    this.add(postgres.service);
    await postgres.start();
    return postgres.url;
  }

  private async startProcess(name: ProcessName, wiring: Wiring): Promise<void> {
    const service = new Service(processSpec(name, wiring), this.onLine);
    this.add(service);
    await service.start();
  }

  private add(service: Service): void {
    if (this.stopped !== undefined) throw new Error("Podium was stopped while it started.");
    this.services.push(service);
  }

  private async stopAll(): Promise<void> {
    for (const service of [...this.services].reverse()) await service.stop();
    await this.endLeftovers();
    this.release?.();
  }

  /** Sessions run in process groups of their own; should a runner have left one, it ends here. */
  private async endLeftovers(): Promise<void> {
    const left = processesMarked(`${MARK}=${this.mark.value}`);
    for (const pid of left) {
      this.onLine(`process ${pid} was still running, killing it`);
      signalProcess(pid, "SIGKILL");
    }
    await waitUntil(() => !left.some(isAlive), { withinMs: 5_000 });
  }
}

/** Only what a stack made: a mistyped folder must not cost anyone their files. */
/** The folder's real path; made if it isn't there. Throws with what to do when it can't be written to. */
function writableFolder(dir: string): string {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    accessSync(dir, constants.W_OK | constants.X_OK);
    return realpathSync(dir);
  } catch (error) {
    throw new Error(
      `The data folder ${dir} can't be used (${(error as Error).message}): point PODIUM_HOME at a folder that this user may write.`,
    );
  }
}

function emptyFolder(dir: string): void {
  const names = readdirSync(dir).filter((name) => name !== "lock");
  if (!names.includes("secrets.json") && names.some((name) => name !== "logs")) {
    throw new Error(`${dir} holds files and is no data folder of Podium: choose an empty folder.`);
  }
  // The mark that the folder is ours goes last, should this be interrupted.
  const others = names.filter((name) => name !== "secrets.json");
  for (const name of [...others, "secrets.json"]) rmSync(join(dir, name), { recursive: true, force: true });
}
