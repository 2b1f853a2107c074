import { lstat, mkdir, readdir, rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { readIfThere, writeDurably } from "../data/files.ts";
import { removeFolder } from "../data/remove.ts";
import type { Executor } from "../executors/executor.ts";
import type { Executors } from "../executors/executors.ts";
import type { FaultPoints } from "../fault-points.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { measure } from "../scratch/measure.ts";
import { SharedWork } from "../shared-work.ts";
import { build, scratchOf, venvOf } from "./build.ts";
import { BuildFailed } from "./build-failed.ts";
import type { BuildSettings } from "./settings.ts";

/** What is written down of an environment when all of it is on the disk; a folder without it is no environment. */
const builtSchema = z.object({
  key: z.string(),
  /** what it was built on: with another interpreter or image it is of no use */
  base: z.string(),
  /** the image that it is to be used in: the one that was asked for, with what was added to it */
  image: z.string().nullable(),
  seconds: z.number(),
  bytes: z.number(),
});
type Built = z.infer<typeof builtSchema> & { usedMs: number };

const MARKER_FILE = "built.json";

export interface EnvironmentRequest {
  /** the hub's name for it */
  key: string;
  /** as `prepareImage` returned it */
  image: string | null;
  /** Copies the files that say what to install into the folder. */
  placeFiles(folder: string): Promise<void>;
}

export interface EnvironmentDeps {
  executors: Executors;
  settings: BuildSettings;
  clock: Clock;
  faults: FaultPoints;
  log: Log;
  metrics: Metrics;
}

/**
 * The environments that are built on this machine, one folder each: `venv` and, once it is whole, `built.json`. One
 * build runs for all that wait for the same; the least recently used go when there are too many bytes of them.
 */
export class EnvironmentStore {
  readonly #built = new Map<string, Built>();
  readonly #building = new Map<string, SharedWork>();
  /** environment → attempts that need it; such a one is never evicted */
  readonly #users = new Map<string, Set<string>>();
  readonly #leaving = new Map<string, Promise<void>>();
  #discarded = 0;
  #isClosing = false;
  #swept: Promise<void> = Promise.resolve();

  private constructor(
    private readonly root: string,
    private readonly trash: string,
    private readonly deps: EnvironmentDeps,
  ) {}

  /**
   * Takes over what is whole, and removes what an earlier runner was building when it died, processes included; that
   * may go on when this resolves, for a daemon that is away is waited for.
   */
  static async open(dataFolder: string, deps: EnvironmentDeps): Promise<EnvironmentStore> {
    const store = new EnvironmentStore(join(dataFolder, "environments"), join(dataFolder, "tmp"), deps);
    await mkdir(store.root, { recursive: true, mode: 0o700 });
    for (const name of await readdir(store.root)) {
      const built = await readBuilt(store.#folder(name));
      if (built) store.#built.set(name, built);
      else
        void store
          .#discard(name)
          .catch((error) => deps.log.error({ err: error, name }, "a build is still there"));
    }
    store.#swept = store.#sweepImages();
    return store;
  }

  /** Where the environment lies on this machine. */
  path(name: string): string {
    return venvOf(this.#folder(name));
  }

  /** Those that a session could use now, at most 1,000. */
  cached(): { key: string; build_seconds: number }[] {
    const foundation = foundationOf(this.deps.executors.chosen);
    const usable = [...this.#built.values()].filter(({ base }) => base.startsWith(foundation));
    const byKey = new Map(usable.map(({ key, seconds }) => [key, seconds]));
    return [...byKey].slice(0, 1000).map(([key, build_seconds]) => ({ key, build_seconds }));
  }

  /**
   * A whole environment, which stays until `release(attemptId)`, and the image to use it in. Builds it when it is not
   * there; `onLine` hears the build's output. @throws BuildFailed; the signal's reason
   */
  async get(
    request: EnvironmentRequest,
    attemptId: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ name: string; image: string | null }> {
    const base = `${foundationOf(this.deps.executors.chosen)}${request.image ?? ""}`;
    const name = `${request.key}-${sha256(base).slice(0, 16)}`;
    this.keep(name, attemptId);
    for (;;) {
      signal.throwIfAborted();
      const built = await this.#usable(name);
      if (built) return { name, image: built.image };
      const running = this.#building.get(name);
      if (running?.isStopping) await running.done.catch(() => {});
      else if (running) await this.#join(running, onLine, signal);
      else await this.#begin(name, base, request, onLine, signal);
    }
  }

  /** Marks an environment as used by an attempt, also by one that was started before a restart. */
  keep(name: string, attemptId: string) {
    this.#users.set(name, (this.#users.get(name) ?? new Set<string>()).add(attemptId));
  }

  release(attemptId: string) {
    for (const [name, users] of this.#users) {
      if (users.delete(attemptId) && users.size === 0) this.#users.delete(name);
    }
  }

  /** Stops what is being built. Who waits for it is left waiting: the next runner begins anew. */
  async close() {
    this.#isClosing = true;
    const running = [...this.#building.values()];
    for (const each of running) each.stop();
    await Promise.allSettled(running.map(({ done }) => done));
  }

  async #join(running: SharedWork, onLine: (line: string) => void, signal: AbortSignal) {
    try {
      await running.join(onLine, signal);
    } catch (error) {
      if (this.#isClosing && !signal.aborted) await new Promise<never>(() => {});
      throw error;
    }
  }

  /** Does not let go before its own files are copied, also where others go on with the build. */
  async #begin(
    name: string,
    base: string,
    request: EnvironmentRequest,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ) {
    const shared = new SharedWork(async (tell, stop, onBegun) => {
      try {
        const placeFiles = (folder: string) => request.placeFiles(folder).finally(onBegun);
        await this.#build(name, base, { ...request, placeFiles }, tell, stop);
      } finally {
        this.#building.delete(name);
      }
    });
    this.#building.set(name, shared);
    try {
      await this.#join(shared, onLine, signal);
    } finally {
      await shared.begun;
    }
  }

  async #build(
    name: string,
    base: string,
    { key, image, placeFiles }: EnvironmentRequest,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ) {
    const { executors, settings, clock, faults, log, metrics } = this.deps;
    const folder = this.#folder(name);
    const startedMs = clock.elapsedMs();
    try {
      await this.#swept;
      await this.#discard(name);
      await mkdir(join(folder, "files"), { recursive: true, mode: 0o700 });
      await placeFiles(join(folder, "files"));
      onLine(
        `[podium] Building the environment ${key.slice(0, 12)}; sessions with the same files will share it`,
      );
      const marker = markerOf(folder);
      const input = { key, marker, folder, image, settings, clock, startedMs, onLine, signal };
      const usedIn = await build({ ...input, executor: executors.chosen });
      for (const path of scratchOf(folder)) await removeFolder(path);
      const seconds = Math.round(clock.elapsedMs() - startedMs) / 1000;
      const added = await this.#addedBytes(usedIn, image);
      const built = { key, base, image: usedIn, seconds, bytes: (await measure(folder)) + added };
      await syncFiles(folder);
      await faults.reach("environment built");
      await writeDurably(join(folder, MARKER_FILE), JSON.stringify(built));
      this.#built.set(name, { ...built, usedMs: clock.now().getTime() });
      onLine(`[podium] The environment is ready after ${seconds.toFixed(1)} s`);
      log.info({ key, seconds, bytes: built.bytes }, "an environment was built");
      metrics.environmentBuilds.inc({ outcome: "built" });
    } catch (error) {
      metrics.environmentBuilds.inc({ outcome: error instanceof BuildFailed ? "failed" : "stopped" });
      await this.#discard(name);
      throw error;
    }
    await this.#trim();
  }

  /** What Debian packages take in an image of the environment's own: it goes with it, and counts with it. */
  async #addedBytes(usedIn: string | null, base: string | null): Promise<number> {
    if (usedIn === null || base === null || usedIn === base) return 0;
    return (await this.deps.executors.chosen.packages?.addedBytes(usedIn, base)) ?? 0;
  }

  /** Null when it is not there, or somebody has removed a part of it. */
  async #usable(name: string): Promise<Built | null> {
    const built = this.#built.get(name);
    if (!built) return null;
    const { packages } = this.deps.executors.chosen;
    const isThere = await lstat(this.path(name)).catch(() => null);
    const hasImage = built.image === null || !packages || (await packages.has(built.image));
    if (!isThere || !hasImage) {
      this.#built.delete(name);
      return null;
    }
    const now = this.deps.clock.now();
    built.usedMs = now.getTime();
    await utimes(join(this.#folder(name), MARKER_FILE), now, now).catch(() => {});
    return built;
  }

  /** Removes the least recently used until the rest fits; what an attempt needs stays. */
  async #trim() {
    const { limit_bytes } = this.deps.settings;
    let total = [...this.#built.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const oldest = [...this.#built].sort(([, a], [, b]) => a.usedMs - b.usedMs);
    for (const [name, { key, bytes, base, image }] of oldest) {
      if (total <= limit_bytes) return;
      if (this.#users.has(name)) continue;
      this.deps.log.info({ key, bytes }, "an environment was evicted");
      await this.#discard(name);
      total -= bytes;
      const isAdded = image !== null && !base.endsWith(` ${image}`);
      if (isAdded) await this.deps.executors.chosen.packages?.remove(image);
    }
  }

  /** Removes an environment, one removal at a time: who wants to build it again waits for the one before. */
  #discard(name: string): Promise<void> {
    const isWhole = this.#built.delete(name);
    const before = this.#leaving.get(name) ?? Promise.resolve();
    const leaving = before.then(() => this.#remove(name, isWhole));
    const settled = leaving
      .catch(() => {})
      .then(() => {
        if (this.#leaving.get(name) === settled) this.#leaving.delete(name);
      });
    this.#leaving.set(name, settled);
    return leaving;
  }

  /** An image whose environment was never finished, or is gone, is of no use. */
  async #sweepImages() {
    const { executors, log } = this.deps;
    const kept = new Set([...this.#built.values()].flatMap(({ image }) => image ?? []));
    await executors.chosen.packages
      ?.sweep(kept)
      .catch((error) => log.warn({ err: error }, "images of old environments could not be removed"));
  }

  /** Whatever runs in the folder is killed; then it is gone in one step, and nobody finds half of it. */
  async #remove(name: string, isWhole: boolean) {
    const folder = this.#folder(name);
    if (!(await lstat(folder).catch(() => null))) return;
    for (const executor of isWhole ? [] : this.deps.executors.all)
      await executor.killAndConfirm({ attempt_id: markerOf(folder), folder, handle: null });
    const trash = join(this.trash, `environment-${++this.#discarded}`);
    await rename(folder, trash);
    await removeFolder(trash);
  }

  #folder(name: string) {
    return join(this.root, name);
  }
}

/** What every environment of this executor stands on: a virtual environment points to its interpreter. */
function foundationOf({ name, confined, interpreter }: Executor): string {
  return `${name} ${confined ? "confined" : "open"} ${interpreter} `;
}

/** Builds are found like attempts, by a name of their own for each folder. */
function markerOf(folder: string): string {
  return `att_${sha256(`environment ${folder}`).slice(0, 32)}`;
}

async function readBuilt(folder: string): Promise<Built | null> {
  const path = join(folder, MARKER_FILE);
  const text = await readIfThere(path).catch(() => null);
  if (text === null) return null;
  try {
    return { ...builtSchema.parse(JSON.parse(text)), usedMs: (await lstat(path)).mtimeMs };
  } catch {
    return null;
  }
}

/** What the marker vouches for must outlive a power cut as the marker does. */
async function syncFiles(folder: string) {
  const syncing = Bun.spawn(["sync", "-f", folder], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  if ((await syncing.exited) !== 0)
    throw new Error(`The files of ${folder} could not be written to the disk.`);
}

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
