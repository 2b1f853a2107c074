import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "@podium/shared";
import type Docker from "dockerode";
import { isErrno } from "../../data/files.ts";
import type { FaultPoints } from "../../fault-points.ts";
import type { Log } from "../../log.ts";
import type {
  AttemptRef,
  Ending,
  Executor,
  Launched,
  LaunchSpec,
  Owner,
  PackageInstaller,
  Usage,
} from "../executor.ts";
import type { TerminalSize } from "../terminal.ts";
import { containerOf, LABEL, type MachineLimits, openFilesOf } from "./container-spec.ts";
import { ContainerWatch } from "./container-watch.ts";
import { isAway, onceThere, orNull, reasonOf, statusOf, untilEnded, whileThere } from "./daemon.ts";
import { endingOf, type Seen, savedEnding, saveEnding } from "./ending.ts";
import { openExec } from "./exec-terminal.ts";
import type { Images } from "./images.ts";
import { DockerPackages } from "./packages.ts";
import { startAgain } from "./start-again.ts";

/** A start waits so long for a daemon that is away; then the session goes to another node. */
const START_PATIENCE_MS = 30_000;
const CONFIRM_MS = 50;

export interface DockerSettings {
  dataFolder: string;
  nodeName: string;
  owner: Owner;
  dockerHost: string;
  defaultImage: string;
  gpus: "request" | "runtime";
}

/**
 * Runs a session as a container, one for each attempt, named after it. Containers live in the daemon's care: runner
 * and daemon may both be restarted, and what happened is read from the container, which stays until it was read.
 */
export class DockerExecutor implements Executor {
  readonly name = "docker";
  readonly confined = true;
  /** The image brings it. */
  readonly interpreter = "";
  readonly packages: PackageInstaller;
  readonly #watches = new Map<string, ContainerWatch>();
  readonly #watched = new Map<string, Seen["watched"]>();
  /** containers that this runner has killed */
  readonly #killed = new Set<string>();
  #cpus: number | null = null;

  constructor(
    private readonly docker: Docker,
    private readonly imageList: Images,
    private readonly settings: DockerSettings,
    private readonly faults: FaultPoints,
    private readonly log: Log,
  ) {
    this.packages = new DockerPackages(docker, {
      nameOf: (attemptId) => this.#nameOf(attemptId),
      labelsOf: (attemptId) => this.#labelsOf(attemptId),
      machine: () => this.#machine(),
      volumesOf: (image) => imageList.volumesOf(image),
    });
  }

  get owner() {
    return this.settings.owner;
  }

  buildNetwork(setting: string | undefined) {
    return setting ?? "bridge";
  }

  async prepareImage(reference: string | null, signal: AbortSignal, onLine: (line: string) => void) {
    // From now on there may be something of this runner in Docker, if only a trial of the image.
    await mkdir(dockerFolder(this.settings.dataFolder), { recursive: true, mode: 0o700 });
    return this.imageList.prepare(reference ?? this.settings.defaultImage, signal, onLine);
  }

  images() {
    return this.imageList.list();
  }

  async start(spec: LaunchSpec): Promise<Launched> {
    const { attempt_id, folder } = spec;
    const name = this.#nameOf(attempt_id);
    const options = containerOf(spec, {
      name,
      labels: this.#labelsOf(attempt_id),
      owner: this.settings.owner,
      gpus: this.settings.gpus,
      volumes: spec.image === null ? [] : await this.imageList.volumesOf(spec.image),
      ...(await this.#machine()),
      ...(await this.#userFiles()),
    });
    try {
      const make = () => this.#whileThere(() => this.#createAnew(options));
      const start = async () => {
        await this.faults.reach("container created");
        await this.#startOnce(name);
      };
      await startAgain(make, start, (reason) =>
        this.log.warn({ attempt_id, reason }, "Docker could not start a container; it is tried once more"),
      );
    } catch (error) {
      throw hasNoRoom(error) ? noRoomIn(error) : error;
    }
    return { attempt_id, folder, handle: name };
  }

  async find({ attempt_id, folder }: AttemptRef): Promise<Launched | null> {
    const found = await this.#inspect(attempt_id);
    const hasStarted = found && found.State.Status !== "created";
    return hasStarted || (await savedEnding(folder))
      ? { attempt_id, folder, handle: this.#nameOf(attempt_id) }
      : null;
  }

  async isRunning({ attempt_id }: Launched): Promise<boolean> {
    return isUp((await this.#inspect(attempt_id))?.State);
  }

  async wait({ attempt_id, handle }: Launched) {
    for (;;) {
      this.#watched.set(handle, "to its end");
      try {
        await untilEnded(this.settings.dockerHost, handle);
        if (!(await this.isRunning({ attempt_id, folder: "", handle }))) return;
      } catch (error) {
        if (!isAway(error)) throw error;
        // With live-restore the container goes on, and so does the watch; else it ends now, and not by itself.
        this.#watched.set(handle, "until the daemon went away");
        this.log.warn(
          { attempt_id, reason: reasonOf(error) },
          "the Docker daemon is away; its session is waited for",
        );
        if (!(await this.isRunning({ attempt_id, folder: "", handle }))) return;
      }
    }
  }

  watch({ attempt_id, handle }: Launched, _limitBytes: number, onSample: (usage: Usage) => void): () => void {
    const watch = new ContainerWatch(
      async () => (await this.#inspect(attempt_id))?.State.Pid ?? null,
      onSample,
    );
    this.#watches.set(handle, watch);
    return () => watch.stop();
  }

  enter({ handle }: Launched, spec: LaunchSpec, size: TerminalSize, onData: (bytes: Uint8Array) => void) {
    const { docker, log } = this;
    const { dockerHost } = this.settings;
    const { cwd, python } = spec;
    const entered = { docker, dockerHost, name: handle, cwd, python: python ?? "python3", log };
    return openExec(entered, size, onData);
  }

  async terminate({ attempt_id, handle }: Launched) {
    // One try: a daemon that is away is waited for where the kill has to be confirmed.
    await this.docker
      .getContainer(handle)
      .kill({ signal: "SIGTERM" })
      .catch((error) =>
        this.log.debug({ attempt_id, reason: reasonOf(error) }, "a container was not told to end"),
      );
  }

  async killAndConfirm(attempt: AttemptRef & { handle: string | null }): Promise<Ending> {
    const { attempt_id, folder, handle } = attempt;
    const ending = (await savedEnding(folder)) ?? (await this.#endOf(attempt_id, handle !== null));
    if (ending) await this.#saveIfRoom(folder, ending);
    await this.faults.reach("container ended");
    const name = this.#nameOf(attempt_id);
    await this.#remove(name);
    this.#watches.get(name)?.stop();
    this.#watches.delete(name);
    return ending ?? { exit_code: null, oom: false, lost: null };
  }

  /** On a full disk a runner that dies right now forgets how it ended; to wait would be worse. */
  async #saveIfRoom(folder: string, ending: Ending) {
    await saveEnding(folder, ending).catch((error) => {
      if (!isErrno(error, "ENOSPC", "EDQUOT")) throw error;
      this.log.error(
        { err: error, folder },
        "the disk is full: how a container ended could not be written down",
      );
    });
  }

  async sweep(attemptIds: ReadonlySet<string>) {
    const filters = { label: [`${LABEL.data}=${this.settings.dataFolder}`] };
    const listed = whileThere(this.docker, () => this.docker.listContainers({ all: true, filters }));
    const found = await listed.catch((error) => {
      if (!isAway(error)) throw error;
      this.log.warn(
        { reason: reasonOf(error) },
        "the Docker daemon is away: leftovers are looked for at the next start",
      );
      return [];
    });
    for (const { Id, Labels } of found) {
      const attemptId = Labels[LABEL.attempt];
      if (attemptId !== undefined && attemptIds.has(attemptId)) continue;
      this.log.info({ container: Id, attempt_id: attemptId }, "a container that was left behind is removed");
      await this.#remove(Id);
    }
  }

  /** Kills it when it runs. Null when nothing was ever started. */
  async #endOf(attemptId: string, wasStarted: boolean): Promise<Ending | null> {
    const name = this.#nameOf(attemptId);
    for (;;) {
      const found = await this.#inspect(attemptId);
      if (!found) {
        const lost = "The session's container disappeared from Docker on its machine.";
        return wasStarted ? { exit_code: null, oom: false, lost } : null;
      }
      const { State: state } = found;
      if (state.Status === "created") return null;
      if (!isUp(state)) {
        const oom = this.#watches.get(name)?.sawOom ?? false;
        const watched = this.#watched.get(name) ?? "by nobody";
        return endingOf(state, { killed: this.#killed.has(name), watched, oom });
      }
      this.#killed.add(name);
      await onceThere(
        this.docker,
        () => this.docker.getContainer(name).kill({ signal: "SIGKILL" }),
        this.#shown(),
      ).catch((error) =>
        this.log.debug({ attempt_id: attemptId, reason: reasonOf(error) }, "it ended by itself"),
      );
      await Bun.sleep(CONFIRM_MS);
    }
  }

  /** Resolves when the daemon does not know it any more, and so nothing of it runs. */
  async #remove(nameOrId: string) {
    const container = this.docker.getContainer(nameOrId);
    for (;;) {
      const failed = await onceThere(
        this.docker,
        () => orNull(container.remove({ force: true, v: true })),
        this.#shown(),
      ).then(
        () => null,
        (error) => reasonOf(error),
      );
      if ((await onceThere(this.docker, () => orNull(container.inspect()), this.#shown())) === null) break;
      if (failed) this.log.warn({ container: nameOrId, reason: failed }, "a container can't be removed yet");
      await Bun.sleep(failed ? 1_000 : CONFIRM_MS);
    }
    this.#watched.delete(nameOrId);
    this.#killed.delete(nameOrId);
  }

  /** A daemon that died between making a container and saying so has left it. */
  async #createAnew(options: Docker.ContainerCreateOptions) {
    try {
      await this.docker.createContainer(options);
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      await this.#remove(options.name ?? "");
      await this.docker.createContainer(options);
    }
  }

  /** A start that is repeated because the daemon went away meanwhile finds it running (304), or ended already. */
  async #startOnce(name: string) {
    const container = this.docker.getContainer(name);
    let isRepeated = false;
    await this.#whileThere(async () => {
      if (isRepeated && (await container.inspect()).State.Status !== "created") return;
      isRepeated = true;
      await container.start().catch((error) => {
        if (statusOf(error) !== 304) throw error;
      });
    });
  }

  #whileThere<T>(call: () => Promise<T>): Promise<T> {
    return onceThere(this.docker, call, { forMs: START_PATIENCE_MS, ...this.#shown() });
  }

  async #inspect(attemptId: string) {
    const name = this.#nameOf(attemptId);
    return onceThere(this.docker, () => orNull(this.docker.getContainer(name).inspect()), this.#shown());
  }

  #shown() {
    return {
      onWait: (error: unknown) =>
        this.log.error(
          { reason: reasonOf(error) },
          "the Docker daemon does not answer; sessions wait for it",
        ),
    };
  }

  async #machine(): Promise<MachineLimits> {
    this.#cpus ??= ((await this.#whileThere(() => this.docker.info())) as { NCPU: number }).NCPU;
    return { cpus: this.#cpus, openFiles: openFilesOf(readFileSync("/proc/self/limits", "utf8")) };
  }

  /** Programs ask for the name of their user; images know nothing of ours. */
  async #userFiles() {
    const { uid, gid } = this.settings.owner;
    const folder = dockerFolder(this.settings.dataFolder);
    const [passwd, group] = [join(folder, "passwd"), join(folder, "group")];
    await writeFile(passwd, `session:x:${uid}:${gid}::/home/session:/bin/sh\n`, { mode: 0o644 });
    await writeFile(group, `session:x:${gid}:\n`, { mode: 0o644 });
    return { passwd, group };
  }

  /** Runners that share a daemon don't share data folders. */
  #nameOf(attemptId: string): string {
    const folder = new Bun.CryptoHasher("sha256").update(this.settings.dataFolder).digest("hex").slice(0, 8);
    return `podium-${folder}-${attemptId}`;
  }

  #labelsOf(attemptId: string) {
    const { dataFolder, nodeName } = this.settings;
    return { [LABEL.attempt]: attemptId, [LABEL.node]: nodeName, [LABEL.data]: dataFolder };
  }
}

/** Made when the first session is to run in Docker. */
export function dockerFolder(dataFolder: string): string {
  return join(dataFolder, "docker");
}

/** The image has a file, or a link to nowhere, where the session's own files are to be mounted. */
function hasNoRoom(error: unknown): boolean {
  return statusOf(error) !== null && /not a directory|cannot mkdir|to rootfs at/i.test(reasonOf(error));
}

function noRoomIn(error: unknown): DomainError {
  return new DomainError(
    "invalid_request",
    `The session's image has something else where a session's own files go (${reasonOf(error).slice(0, 160)}). Keep /app, /data, /home/session, /tmp, /output, /loaded, /run/podium and /opt/podium free in it.`,
  );
}

function isUp(state: { Running: boolean; Paused: boolean; Restarting: boolean } | undefined): boolean {
  return state !== undefined && (state.Running || state.Paused || state.Restarting);
}
