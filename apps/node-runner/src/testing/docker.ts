import { DockerDaemon } from "../../../../scripts/testing/docker-daemon.ts";
import { testImageTar } from "../../../../scripts/testing/test-image.ts";

/** Runs the `docker` program against a daemon and returns what it printed. Throws what it complained about. */
export function docker(host: string, ...args: string[]): string {
  const done = Bun.spawnSync(["docker", "-H", host, ...args], { stdin: "ignore" });
  if (done.exitCode !== 0) throw new Error(`docker ${args[0]}: ${done.stderr.toString().trim()}`);
  return done.stdout.toString().trim();
}

/** The name of an image with Python, a shell and these packages, which the daemon has from now on. */
export async function testImage(host: string, packages: readonly string[] = []): Promise<string> {
  const { path, tag } = await testImageTar(packages);
  const name = `podium-test:${tag}`;
  if (docker(host, "image", "ls", "-q", name) === "") docker(host, "import", path, name);
  return name;
}

/** What a runner needs to use that daemon. */
export async function dockerEnv(host: string): Promise<Record<string, string>> {
  return { PODIUM_EXECUTOR: "docker", DOCKER_HOST: host, PODIUM_DEFAULT_IMAGE: await testImage(host) };
}

/** The containers, running or not, of the runner with this data folder. */
export function containersOf(host: string, data: string): string[] {
  const ids = docker(host, "ps", "-aq", "--no-trunc", "--filter", `label=podium.data=${data}`);
  return ids === "" ? [] : ids.split("\n");
}

let shared: Promise<string> | null = null;

/** The daemon that `npm test` has found or started; a file that runs by itself has its own, as long as it runs. */
export function sharedDaemon(): Promise<string> {
  const given = Bun.env["TEST_DOCKER_HOST"];
  shared ??= given === undefined ? DockerDaemon.start().then(({ host }) => host) : Promise.resolve(given);
  return shared;
}
