import type { Env } from "../../env.ts";
import type { FaultPoints } from "../../fault-points.ts";
import type { Log } from "../../log.ts";
import type { Owner } from "../executor.ts";
import { addressOf, whyNoDaemon } from "./daemon.ts";
import { DockerExecutor } from "./docker-executor.ts";
import { Images } from "./images.ts";

/** Owns what sessions may change when the runner is root: nobody on the machine, and no right to anything. */
const SESSION_OWNER: Owner = { uid: 64_646, gid: 64_646 };

export interface DockerChoice {
  executor: DockerExecutor;
  /** Why new sessions can't run in it, or null when they can. */
  whyNot(): Promise<string | null>;
}

/** The Docker executor for the daemon of `DOCKER_HOST`, which need not be there yet. */
export async function openDocker(env: Env, faults: FaultPoints, log: Log): Promise<DockerChoice> {
  // Loaded here alone: it takes longer than the rest of a runner that has no Docker.
  const { default: Docker } = await import("dockerode");
  const docker = new Docker(addressOf(env.DOCKER_HOST));
  const images = new Images(docker, env.DOCKER_HOST, env.PODIUM_RUNNER_DATA, faults, log);
  const settings = {
    dataFolder: env.PODIUM_RUNNER_DATA,
    nodeName: env.PODIUM_NODE_NAME,
    owner: sessionOwner(),
    dockerHost: env.DOCKER_HOST,
    defaultImage: env.PODIUM_DEFAULT_IMAGE,
    gpus: env.PODIUM_DOCKER_GPUS,
  };
  const image = env.PODIUM_DEFAULT_IMAGE;
  return {
    executor: new DockerExecutor(docker, images, settings, faults, log),
    async whyNot() {
      const noDaemon = await whyNoDaemon(docker);
      if (noDaemon !== null) return `no Docker daemon answers at ${env.DOCKER_HOST} (${noDaemon})`;
      const noImage = await images.whyMissing(image);
      return noImage && `the default image ${image} is neither on this machine nor to be had (${noImage})`;
    },
  };
}

/** A runner that is not root can give its files to nobody else. */
function sessionOwner(): Owner {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return uid === 0 ? SESSION_OWNER : { uid, gid };
}
