import { DomainError, imageSchema, normalImage } from "@podium/shared";
import type Docker from "dockerode";
import type { FaultPoints } from "../../fault-points.ts";
import { waitFor } from "../../hub/attempt-source.ts";
import type { Log } from "../../log.ts";
import { SharedWork } from "../../shared-work.ts";
import { ExecutorAway } from "../executor.ts";
import { confinement, emptyVolumes, LABEL, WITHOUT_GPUS } from "./container-spec.ts";
import { onceThere, orNull, reasonOf, statusOf, untilEnded } from "./daemon.ts";
import { isOwn } from "./packages.ts";
import { pullImage } from "./pull.ts";

const AWAY_MS = 60_000;
const LIST_EVERY_NS = 30e9;
const MAX_LISTED = 1000;
const REGISTRY_MS = 10_000;
/** An image's python3 is whatever its maker put there: it need not end. */
const TRIAL_MS = 60_000;
const TRIES = 3;
const TRY_AGAIN_MS = 1_000;
/** Exit codes of the trial below, apart from those of the shell. */
const NO_PYTHON = 41;
const OLD_PYTHON = 42;
const TRIAL = `command -v python3 >/dev/null 2>&1 || exit ${NO_PYTHON}
exec python3 -c 'import sys; sys.exit(0 if sys.version_info >= (3, 9) else ${OLD_PYTHON})'`;

/** Images on this machine: fetched when they are missing, and tried out once before a session runs in them. */
export class Images {
  /** image id → null when sessions can run in it, else why not */
  readonly #verdicts = new Map<string, string | null>();
  readonly #volumes = new Map<string, string[]>();
  readonly #trials = new Map<string, SharedWork>();
  readonly #pulls = new Map<string, SharedWork>();
  #listed: { reference: string; size_bytes: number }[] = [];
  #listUntil = 0;

  constructor(
    private readonly docker: Docker,
    private readonly dockerHost: string,
    private readonly dataFolder: string,
    private readonly faults: FaultPoints,
    private readonly log: Log,
    private readonly trialMs = TRIAL_MS,
  ) {}

  /** The image's id. Throws a `DomainError` that says which image is missing or unfit, and what to do. */
  async prepare(reference: string, signal: AbortSignal, onLine: (line: string) => void): Promise<string> {
    const id = (await this.#idOf(reference)) ?? (await this.#pulled(reference, signal, onLine));
    signal.throwIfAborted();
    const problem = await this.#tryOut(id, signal);
    if (problem === null) return id;
    throw new DomainError("invalid_request", `The image "${reference}" can't run a session: ${problem}.`);
  }

  /** Null when sessions can have this image, else why not: it is neither here nor in its registry. */
  async whyMissing(reference: string): Promise<string | null> {
    if (await this.#idOf(reference)) return null;
    const name = encodeURIComponent(reference).replaceAll("%2F", "/");
    const asked = new Promise<string | null>((resolve) => {
      const options = { path: `/distribution/${name}/json`, method: "GET", statusCodes: { 200: true } };
      this.docker.modem.dial(options, (error: unknown) => resolve(error ? reasonOf(error) : null));
    });
    return Promise.race([asked, Bun.sleep(REGISTRY_MS).then(() => "its registry does not answer")]);
  }

  /**
   * All that have a name, under the names that sessions ask for, as the daemon last told: it is asked now and then and
   * never waited for, since this goes out with the heartbeat.
   */
  list(): { reference: string; size_bytes: number }[] {
    if (Bun.nanoseconds() >= this.#listUntil) {
      this.#listUntil = Bun.nanoseconds() + LIST_EVERY_NS;
      void this.#refreshList();
    }
    return this.#listed;
  }

  async #refreshList() {
    const found = await this.docker.listImages().catch(() => null);
    if (found === null) return;
    const named = found.flatMap(({ RepoTags, RepoDigests, Size }) =>
      [...(RepoTags ?? []), ...(RepoDigests ?? [])].map((name) => [normalImage(name), Size] as const),
    );
    const usable = named.filter(([name]) => imageSchema.safeParse(name).success && !isOwn(name));
    this.#listed = [...new Map(usable)]
      .slice(0, MAX_LISTED)
      .map(([reference, size_bytes]) => ({ reference, size_bytes }));
  }

  async #idOf(reference: string): Promise<string | null> {
    const found = await onceThere(this.docker, () => orNull(this.docker.getImage(reference).inspect()), {
      forMs: AWAY_MS,
    });
    return found?.Id ?? null;
  }

  /** Sessions that wait for one image pull it once; it goes on until the last of them lets go. */
  async #pulled(reference: string, signal: AbortSignal, onLine: (line: string) => void): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const pull = this.#pulls.get(reference) ?? this.#beginPull(reference);
      if (pull.isStopping) {
        await pull.done.catch(() => {});
        continue;
      }
      await pull.join(onLine, signal);
      const id = await this.#idOf(reference);
      if (id) return id;
      throw new DomainError("not_found", `The image "${reference}" was pulled, but Docker does not have it.`);
    }
  }

  #beginPull(reference: string): SharedWork {
    const pull = new SharedWork((onLine, signal) => this.#pull(reference, signal, onLine));
    this.#pulls.set(reference, pull);
    void pull.done.catch(() => {}).finally(() => this.#pulls.delete(reference));
    return pull;
  }

  async #pull(reference: string, signal: AbortSignal, onLine: (line: string) => void) {
    onLine(`Pulling the image ${reference} …`);
    try {
      const pulling = () => pullImage(this.dockerHost, reference, signal, onLine);
      await onceThere(this.docker, pulling, { signal, forMs: AWAY_MS });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ExecutorAway) throw error;
      throw new DomainError(
        "not_found",
        `There is no image "${reference}": it is not on this machine, and pulling it failed (${reasonOf(error)}). Check its name and its tag; an image of a private registry has to be pulled on the node by its operator.`,
      );
    }
    this.#listUntil = 0;
    onLine(`The image ${reference} is here.`);
  }

  /** Where the image of this id declares volumes of its own. */
  async volumesOf(id: string): Promise<string[]> {
    const known = this.#volumes.get(id);
    if (known) return known;
    const found = await onceThere(this.docker, () => this.docker.getImage(id).inspect(), { forMs: AWAY_MS });
    const volumes = Object.keys(found.Config.Volumes ?? {});
    this.#volumes.set(id, volumes);
    return volumes;
  }

  /** Null when sessions can run in it; found out once for each image, for as long as somebody waits for it. */
  async #tryOut(id: string, signal: AbortSignal): Promise<string | null> {
    for (;;) {
      signal.throwIfAborted();
      const known = this.#verdicts.get(id);
      if (known !== undefined) return known;
      const trial = this.#trials.get(id) ?? this.#beginTrial(id);
      if (trial.isStopping) await trial.done.catch(() => {});
      else await trial.join(() => {}, signal);
    }
  }

  #beginTrial(id: string): SharedWork {
    const trial = new SharedWork(async (_onLine, signal) => {
      this.#verdicts.set(id, await this.#tryRepeatedly(id, signal));
    });
    this.#trials.set(id, trial);
    void trial.done.catch(() => {}).finally(() => this.#trials.delete(id));
    return trial;
  }

  /** What says nothing of the image (a daemon that goes, or comes back and is not itself yet) is tried anew. */
  async #tryRepeatedly(id: string, signal: AbortSignal): Promise<string | null> {
    const trying = () => this.#runTrial(id, signal);
    for (let triesLeft = TRIES - 1; ; triesLeft--) {
      try {
        return await onceThere(this.docker, trying, { signal, forMs: AWAY_MS });
      } catch (error) {
        if (signal.aborted || error instanceof ExecutorAway || triesLeft === 0) throw error;
        this.log.warn({ image: id, error: reasonOf(error) }, "the trial of an image is repeated");
        await waitFor(TRY_AGAIN_MS, signal);
      }
    }
  }

  async #runTrial(id: string, signal: AbortSignal): Promise<string | null> {
    const volumes = await this.volumesOf(id);
    const options: Docker.ContainerCreateOptions = {
      name: this.#trialOf(id),
      Image: id,
      Labels: { [LABEL.data]: this.dataFolder },
      User: "65534:65534",
      Env: WITHOUT_GPUS,
      Entrypoint: ["/bin/sh", "-c", TRIAL],
      Cmd: [],
      Healthcheck: { Test: ["NONE"] },
      HostConfig: {
        ...confinement(null),
        NanoCpus: 1e9,
        Memory: 256 * 1024 ** 2,
        PidsLimit: 64,
        Mounts: emptyVolumes(volumes),
      },
    };
    // The daemon may have died before it said that it made one, or before it could remove it.
    await orNull(this.docker.getContainer(this.#trialOf(id)).remove({ force: true, v: true }));
    const container = await this.docker.createContainer(options);
    try {
      await container.start();
      await this.faults.reach("image trial");
      const hasEnded = await this.#endsInTime(container.id, signal);
      signal.throwIfAborted();
      if (!hasEnded) return `its python3 has not answered within ${this.trialMs / 1000} s`;
      const { ExitCode } = (await container.inspect()).State;
      this.log.debug({ image: id, ExitCode }, "an image was tried out");
      if (ExitCode > 128) throw new Error(`A trial of the image was ended from outside (${ExitCode}).`);
      return verdict(ExitCode);
    } catch (error) {
      // Not the daemon's being away or unwell, but its refusal to start what is not there.
      if (statusOf(error) !== null && reasonOf(error).includes("/bin/sh"))
        return `it has no /bin/sh (${reasonOf(error).slice(0, 160)})`;
      throw error;
    } finally {
      // By its id: the name may be the next trial's by now.
      await container.remove({ force: true, v: true }).catch(() => {});
    }
  }

  /** Its name: runners that share a daemon don't share data folders. */
  #trialOf(id: string): string {
    const folder = new Bun.CryptoHasher("sha256").update(this.dataFolder).digest("hex").slice(0, 8);
    return `podium-${folder}-trial-${id.replace(/^sha256:/, "").slice(0, 16)}`;
  }

  async #endsInTime(container: string, signal: AbortSignal): Promise<boolean> {
    const settled = new AbortController();
    const ended = untilEnded(this.dockerHost, container).then(() => true);
    const late = waitFor(this.trialMs, AbortSignal.any([signal, settled.signal])).then(() => false);
    return Promise.race([ended, late]).finally(() => {
      ended.catch(() => {});
      settled.abort();
    });
  }
}

function verdict(exitCode: number): string | null {
  if (exitCode === 0) return null;
  if (exitCode === NO_PYTHON) return "it has no python3 on its PATH; Python 3.9 or newer is needed";
  if (exitCode === OLD_PYTHON) return "its python3 is older than 3.9";
  if (exitCode === 126 || exitCode === 127) return "it has no working /bin/sh";
  return `its python3 does not run (exit code ${exitCode})`;
}
