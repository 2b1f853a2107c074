import { existsSync } from "node:fs";
import type { Env } from "../env.ts";
import type { FaultPoints } from "../fault-points.ts";
import type { Log } from "../log.ts";
import { dockerFolder } from "./docker/docker-executor.ts";
import { openDocker } from "./docker/open-docker.ts";
import { Executors } from "./executors.ts";
import { openSandbox } from "./process/open-sandbox.ts";
import { ProcessExecutor } from "./process/process-executor.ts";
import { compileSdk, findPython } from "./process/python.ts";

/**
 * The executors that this machine allows; says which one runs new sessions, and why. Throws one readable line when
 * what was asked for does not work.
 */
export async function chooseExecutors(env: Env, faults: FaultPoints, log: Log): Promise<Executors> {
  const wanted = env.PODIUM_EXECUTOR;
  const hasUsedDocker = existsSync(dockerFolder(env.PODIUM_RUNNER_DATA));
  const docker = wanted !== "process" || hasUsedDocker ? await openDocker(env, faults, log) : null;
  const whyNot = wanted === "process" ? "PODIUM_EXECUTOR is process" : await docker?.whyNot();
  if (docker && whyNot === null) {
    log.info(
      { docker: env.DOCKER_HOST, default_image: env.PODIUM_DEFAULT_IMAGE },
      "sessions run in Docker containers, each without network and other sessions' files",
    );
    // It can't start anything, only look after what an earlier runner started.
    return new Executors(docker.executor, [new ProcessExecutor(null, null, log)]);
  }
  if (wanted === "docker") {
    throw new Error(
      `Bad configuration: PODIUM_EXECUTOR is docker, but ${whyNot}. Start the daemon, or pull the image; DOCKER_HOST and PODIUM_DEFAULT_IMAGE name them.`,
    );
  }
  if (wanted === "auto" && hasUsedDocker) {
    log.warn(
      { reason: whyNot },
      "sessions ran in Docker here, and now do not: set PODIUM_EXECUTOR=docker if they never shall run otherwise",
    );
  } else log.info({ reason: whyNot }, "sessions do not run in Docker");
  // What an earlier runner started in it is still looked after.
  const others = docker && hasUsedDocker ? [docker.executor] : [];
  return new Executors(await chooseProcesses(env, log), others);
}

async function chooseProcesses(env: Env, log: Log): Promise<ProcessExecutor> {
  const python = await findPython(env.PODIUM_PYTHON);
  await compileSdk(python, env.PODIUM_SDK_PATH);
  if (env.PODIUM_SANDBOX === "none") return plain("PODIUM_SANDBOX is none");
  const choice = await openSandbox(env.PODIUM_RUNNER_DATA, python);
  if (choice.sandbox) {
    log.info(
      { python: python.version },
      "sessions run in bubblewrap, each without network and other sessions' files",
    );
    return new ProcessExecutor(python, choice.sandbox, log);
  }
  if (env.PODIUM_SANDBOX === "bubblewrap") {
    throw new Error(`Bad configuration: PODIUM_SANDBOX is bubblewrap, but ${choice.reason}.`);
  }
  return plain(choice.reason);

  function plain(reason: string) {
    log.warn(
      { python: python.version, reason },
      "sessions run as plain processes of this user: all who may start sessions here must trust each other",
    );
    return new ProcessExecutor(python, null, log);
  }
}
