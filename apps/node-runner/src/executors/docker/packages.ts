import type Docker from "dockerode";
import type { Launched, PackageInstaller, PackageRequest } from "../executor.ts";
import {
  confinement,
  emptyVolumes,
  LABEL,
  LOG_INSIDE,
  limits,
  type MachineLimits,
  WITHOUT_GPUS,
} from "./container-spec.ts";
import { onceThere, orNull, statusOf } from "./daemon.ts";

const REPOSITORY = "podium-environment";
/** Key of the environment, and data folder of the runner that made the image. */
const LABEL_KEY = "podium.environment";
const LABEL_DATA = "podium.environment.data";
const MIB = 1024 ** 2;
/** A daemon that is away for longer ends the session, which is placed again. */
const PATIENCE_MS = 30_000;

/** True for the images that are made here: nobody asks for them by name. */
export const isOwn = (name: string) => name.startsWith(`${REPOSITORY}:`);

/** What apt and the scripts of packages need of root's rights; none of it reaches beyond the container. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETGID", "SETUID"];

/**
 * Packages that are there already, by name or as a program, are left alone: NSML's scripts list many of those.
 * Its arguments are the packages.
 */
const INSTALL = `exec >>${LOG_INSIDE} 2>&1
missing=
for name in "$@"; do
  package=\${name%%=*}
  if [ "$(dpkg-query -W -f='\${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || command -v "$package" >/dev/null
  then echo "[podium] nsml_package.txt: $name is in the image already"
  else missing="$missing $name"
  fi
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "E: the image has no apt-get to install$missing"; exit 1; }
echo "[podium] Installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -o APT::Sandbox::User=root update -q || exit
apt-get -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 install -q -y --no-install-recommends -- $missing || exit
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
`;

export interface ContainerNames {
  nameOf(attemptId: string): string;
  labelsOf(attemptId: string): Record<string, string>;
  machine(): Promise<MachineLimits>;
  volumesOf(image: string): Promise<string[]>;
}

/** Adds Debian packages to an image: installed in a container of it, which then becomes an image of its own. */
export class DockerPackages implements PackageInstaller {
  constructor(
    private readonly docker: Docker,
    private readonly names: ContainerNames,
  ) {}

  async start(request: PackageRequest): Promise<Launched> {
    const { attempt_id, folder, image, names, network, output_log } = request;
    const name = this.names.nameOf(attempt_id);
    const limited = { ...request, cpu_milli: 1000, shm_bytes: 64 * MIB, background: true };
    const machine = await this.names.machine();
    const log = { Type: "bind" as const, Source: output_log, Target: LOG_INSIDE, ReadOnly: false };
    const volumes = emptyVolumes(await this.names.volumesOf(image));
    await this.#once(() => orNull(this.docker.getContainer(name).remove({ force: true, v: true })));
    const options: Docker.ContainerCreateOptions = {
      name,
      Labels: this.names.labelsOf(attempt_id),
      Image: image,
      User: "0:0",
      Env: WITHOUT_GPUS,
      Entrypoint: ["/bin/sh", "-c", INSTALL, "podium"],
      Cmd: [...names],
      Healthcheck: { Test: ["NONE"] },
      HostConfig: {
        ...confinement(network),
        ...limits(limited, machine),
        CapAdd: CAPABILITIES,
        ReadonlyRootfs: false,
        Mounts: [...volumes, log],
      },
    };
    await this.#once(() => this.docker.createContainer(options));
    await this.#once(() => this.docker.getContainer(name).start());
    return { attempt_id, folder, handle: name };
  }

  async size({ handle }: Launched): Promise<number> {
    const filters = { name: [`^/${handle}$`] };
    const [found] = await this.docker.listContainers({ all: true, size: true, filters });
    return (found as { SizeRw?: number } | undefined)?.SizeRw ?? 0;
  }

  async keep({ attempt_id, handle }: Launched, key: string): Promise<string | null> {
    const { State: state } = await this.#once(() => this.docker.getContainer(handle).inspect());
    if (state.Running || state.ExitCode !== 0) return null;
    const labels = this.names.labelsOf(attempt_id);
    // A container's labels come with it: without the attempt's, what is started in the image is nobody's leftover.
    const blank = Object.keys(labels).map((label) => `${label}=`);
    const own = [`${LABEL_KEY}=${key}`, `${LABEL_DATA}=${labels[LABEL.data]}`];
    const changes = [...blank, ...own].map((label) => `LABEL ${label}`);
    const options = { repo: REPOSITORY, tag: key.slice(0, 32), changes: changes.join("\n") };
    const { Id } = (await this.docker.getContainer(handle).commit(options)) as { Id: string };
    return Id;
  }

  async addedBytes(image: string, base: string): Promise<number> {
    const sizes = [image, base].map(async (id) => {
      const found = await this.#once(() => orNull(this.docker.getImage(id).inspect()));
      return found?.Size ?? null;
    });
    const [whole = null, below = null] = await Promise.all(sizes);
    return whole === null || below === null ? 0 : Math.max(0, whole - below);
  }

  async has(image: string): Promise<boolean> {
    return (await this.#once(() => orNull(this.docker.getImage(image).inspect()))) !== null;
  }

  async sweep(kept: ReadonlySet<string>) {
    const filters = { label: [`${LABEL_DATA}=${this.names.labelsOf("")[LABEL.data]}`] };
    for (const { Id } of await this.#once(() => this.docker.listImages({ filters })))
      if (!kept.has(Id)) await this.remove(Id);
  }

  async remove(image: string) {
    await this.docker
      .getImage(image)
      .remove({ force: true })
      .catch((error: unknown) => {
        // 404: it is gone; 409: a container still uses it.
        if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
      });
  }

  #once<T>(call: () => Promise<T>): Promise<T> {
    return onceThere(this.docker, call, { forMs: PATIENCE_MS });
  }
}
