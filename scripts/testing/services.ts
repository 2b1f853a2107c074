import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { ensureTemplate } from "../../apps/hub/src/testing/template.ts";
import { podiumDir } from "../setup/paths.mjs";
import { takeLock } from "../stack/lock.ts";
import { freePort } from "../stack/ports.ts";
import { preparePostgres } from "../stack/postgres.ts";
import { Service } from "../stack/service.ts";
import { watchdog } from "../stack/watchdog.ts";
import { answers, DockerDaemon } from "./docker-daemon.ts";
import { requires } from "./requires.ts";
import { hasTestImage, testImageTar } from "./test-image.ts";

export interface TestServices {
  /**
   * TEST_DATABASE_URL (superuser: tests make databases of their own) and, where there is one, TEST_REDIS_URL and
   * TEST_DOCKER_HOST.
   */
  env: Record<string, string>;
  /** This run's folder, for results too; removed at the next run. */
  dir: string;
  stop: () => Promise<void>;
}

const runsDir = join(podiumDir, "test");

/**
 * Starts the throw-away servers that tests share. Several runs at once don't disturb each other.
 * @param which  "postgres": no other server, where no more is needed
 */
export async function startTestServices(
  onLine: (line: string) => void,
  which: "all" | "postgres" = "all",
): Promise<TestServices> {
  removeEndedRuns();
  const dir = join(runsDir, `run-${process.pid}`);
  mkdirSync(join(dir, "logs"), { recursive: true, mode: 0o711 });
  const release = takeLock(join(dir, "lock"), `The test folder ${dir}`);
  const password = crypto.randomUUID();
  const postgres = await preparePostgres({
    dataDir: dir,
    superuserPassword: password,
    password,
    durable: false,
    onLine,
  });
  const services = [postgres.service];
  const env: Record<string, string> = { TEST_DATABASE_URL: postgres.superuserUrl };
  let daemon: DockerDaemon | null = null;
  const stop = async () => {
    await daemon?.dispose();
    for (const service of services) await service.stop();
    release();
    for (const name of ["postgres", "redis"]) rmSync(join(dir, name), { recursive: true, force: true });
  };
  try {
    await postgres.start();
    // Here, and not within the time limit of the first test that needs a database.
    await ensureTemplate(postgres.superuserUrl);
    const redis = requires("redis");
    if (which === "all" && redis.path !== undefined && redis.available) {
      const port = await freePort();
      const service = redisService(redis.path, dir, port, onLine);
      services.push(service);
      await service.start();
      env["TEST_REDIS_URL"] = `redis://127.0.0.1:${port}`;
    }
    if (which === "all" && requires("docker").available) {
      const answering = await answeringDaemon();
      daemon = answering === null ? await DockerDaemon.start() : null;
      env["TEST_DOCKER_HOST"] = answering ?? daemon?.host ?? "";
      await prepareTestImage(onLine);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, dir, stop };
}

/** On a fresh machine: a test's own time limit must not hang on how fast a package mirror is today. */
async function prepareTestImage(onLine: (line: string) => void) {
  if (hasTestImage()) return;
  onLine("Makes the image that tests of containers run in; this takes about a minute.");
  // What fails here fails in the tests that need it, by name, and leaves the others alone.
  await testImageTar().catch((error: Error) => onLine(error.message));
}

/** The address of a daemon that runs here already, or null. */
async function answeringDaemon(): Promise<string | null> {
  for (const host of [process.env["DOCKER_HOST"], "unix:///var/run/docker.sock"]) {
    if (host !== undefined && (await answers(host))) return host;
  }
  return null;
}

function redisService(program: string, dir: string, port: number, onLine: (line: string) => void): Service {
  const home = join(dir, "redis");
  mkdirSync(home, { recursive: true });
  const options = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    "--dir",
    home,
  ];
  return new Service(
    {
      name: "redis",
      command: [program, ...options],
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
      logPath: join(dir, "logs", "redis.log"),
      stopSignal: "SIGTERM",
      graceMs: 5_000,
      isReady: () => accepts(port),
      // redis-server shows its address as its command line.
      onSpawn: (pid) => watchdog(pid, `127.0.0.1:${port}`, ["TERM"]),
      terminalLine: () => undefined,
    },
    onLine,
  );
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}

function removeEndedRuns(): void {
  for (const name of existsSync(runsDir) ? readdirSync(runsDir) : []) {
    const dir = join(runsDir, name);
    try {
      takeLock(join(dir, "lock"), dir)();
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // Its run still goes on.
    }
  }
}
