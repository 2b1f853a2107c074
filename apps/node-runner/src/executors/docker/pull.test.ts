import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Assignment } from "@podium/shared";
import { DockerDaemon } from "../../../../../scripts/testing/docker-daemon.ts";
import { Registry } from "../../../../../scripts/testing/registry.ts";
import { requires } from "../../../../../scripts/testing/requires.ts";
import { removeFolder } from "../../data/remove.ts";
import { containersOf, docker, dockerEnv } from "../../testing/docker.ts";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";

setDefaultTimeout(60_000);

const missing = [requires("docker"), requires("registry")].find(({ available }) => !available)?.reason;
const canStartDaemons = process.getuid?.() === 0 && Bun.which("dockerd") !== null;
const reason = missing ?? (canStartDaemons ? null : "a Docker daemon of its own needs dockerd, and root");
const title = reason === null ? "images from a registry" : `images from a registry (skipped: ${reason})`;

describe.skipIf(reason !== null && Bun.env["CI"] !== "true")(title, () => {
  let daemon: DockerDaemon;
  let registry: Registry;
  let env: Record<string, string>;
  let image: string;
  let hub: TestHub;
  let runner: TestRunner;

  beforeAll(async () => {
    daemon = await DockerDaemon.start();
    registry = await Registry.start(daemon.pid);
    env = await dockerEnv(daemon.host);
    image = `${registry.host}/team/python:1.0`;
    const original = env["PODIUM_DEFAULT_IMAGE"] ?? "";
    docker(daemon.host, "tag", original, image);
    docker(daemon.host, "push", "-q", image);
    docker(daemon.host, "image", "rm", original);
    // A runner wants a default image that is there; what these sessions ask for must not be in it.
    const empty = join(await mkdtemp(join(tmpdir(), "podium-image-")), "empty.tar");
    Bun.spawnSync(["tar", "-cf", empty, "-T", "/dev/null"]);
    env["PODIUM_DEFAULT_IMAGE"] = "podium-test-empty:1";
    docker(daemon.host, "import", empty, "podium-test-empty:1");
    await removeFolder(dirname(empty));
  });
  afterAll(async () => {
    await registry?.dispose();
    await daemon?.dispose();
  });

  beforeEach(async () => {
    docker(daemon.host, "image", "rm", "-f", image);
    hub = new TestHub();
    runner = await TestRunner.create(hub, env);
  });
  afterEach(async () => {
    registry.resume();
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
    expect(containersOf(daemon.host, runner.data)).toEqual([]);
  });

  const run = () => hub.assign("print('hello')", { image });
  const isPulling = ({ attempt_id }: Assignment) =>
    hub.until("it waits for the image", () => hub.log(attempt_id).includes(PULLING()));
  const PULLING = () => `[podium] Pulling the image ${image} …`;
  /** How often the registry was asked for the image's manifest, as every pull begins. */
  const pulls = () =>
    registry.log.split("\n").filter((line) => line.includes("manifests/1.0") && line.includes("GET")).length;

  test("a session waits for its image, with the progress in its log; the next pulls nothing", async () => {
    await runner.start();
    const first = run();
    expect(await hub.ended(first)).toMatchObject({ exit_code: 0, failure: null });
    const log = hub.log(first.attempt_id);
    expect(log[0]).toBe(PULLING());
    expect(log[1]).toMatch(/^\[podium\] \d+ of \d+ MB of 1 layers$/);
    expect(log.slice(-2)).toEqual([`[podium] The image ${image} is here.`, "hello"]);
    const before = pulls();
    const second = run();
    await hub.ended(second);
    expect(hub.log(second.attempt_id)).toEqual(["hello"]);
    expect(pulls()).toBe(before);
  });

  test("two sessions share one pull, which goes on when the one that began it is stopped", async () => {
    await runner.start();
    registry.pause();
    const [first, second] = [run(), run()];
    await Promise.all([isPulling(first), isPulling(second)]);
    hub.change(first, { desired: "stop" });
    await hub.ended(first);
    registry.resume();
    expect(await hub.ended(second)).toMatchObject({ exit_code: 0, failure: null });
    expect(hub.log(second.attempt_id).filter((line) => line === PULLING())).toHaveLength(1);
  });

  test("a pull stops with the last session that waits for it; who comes next gets the image", async () => {
    await runner.start();
    registry.pause();
    const first = run();
    await isPulling(first);
    hub.change(first, { desired: "stop" });
    await hub.ended(first);
    const next = run();
    await isPulling(next);
    registry.resume();
    expect(await hub.ended(next)).toMatchObject({ exit_code: 0, failure: null });
  });

  test("a runner that is killed during a pull leaves nothing; the next one pulls again", async () => {
    await runner.start();
    registry.pause();
    const session = run();
    await isPulling(session);
    await runner.kill();
    expect(containersOf(daemon.host, runner.data)).toEqual([]);
    await runner.start();
    const again = () => hub.log(session.attempt_id).filter((line) => line === PULLING()).length === 2;
    await hub.until("it is pulled again", again);
    registry.resume();
    expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  });

  test("a runner that is killed while it tries an image out leaves a container, which the next one removes", async () => {
    const others = ["create", "--label", "podium.data=/elsewhere"];
    await runner.start({ PODIUM_FAULT_POINT: "image trial" });
    const session = run();
    await hub.until("it is tried out", () => runner.output.includes('"fault_point":"image trial"'));
    const strange = docker(daemon.host, ...others, image, "true");
    await runner.kill();
    const left = containersOf(daemon.host, runner.data);
    expect(left).toHaveLength(1);
    await runner.start();
    expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
    const all = docker(daemon.host, "ps", "-aq", "--no-trunc").split("\n");
    expect(all).not.toContain(left[0]);
    expect(all).toContain(strange);
    docker(daemon.host, "rm", strange);
  });
});
