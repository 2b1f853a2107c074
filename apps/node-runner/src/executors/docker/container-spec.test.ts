import { expect, test } from "bun:test";
import type { LaunchSpec } from "../executor.ts";
import { containerOf, openFilesOf } from "./container-spec.ts";
import { addressOf, isAway } from "./daemon.ts";
import { endingOf } from "./ending.ts";

const GPU = { index: 1, uuid: "GPU-1", model: "H100", memory_bytes: 1 };
const SPEC: LaunchSpec = {
  attempt_id: "att_1",
  folder: "/data/att_1",
  output_log: "/data/att_1/log/output.log",
  image: "sha256:1",
  python: null,
  argv: ["-m", "podium", "main.py"],
  cwd: "/app",
  env: { A: "1" },
  places: [
    { host: "/data/att_1/code", inside: "/app", writable: true },
    { host: "/data/trees/1", inside: "/data/movies", writable: false },
  ],
  network: null,
  devices: [],
  cpu_milli: 4000,
  memory_bytes: 1000,
  shm_bytes: 10,
  max_processes: 20,
  background: true,
};
const SETTINGS = {
  name: "podium-1",
  labels: {},
  owner: { uid: 5, gid: 6 },
  passwd: "/data/passwd",
  group: "/data/group",
  cpus: 2,
  gpus: "request" as const,
  openFiles: 1024,
  volumes: [],
};
const hostOf = (spec: LaunchSpec, gpus: "request" | "runtime" = "request") =>
  containerOf(spec, { ...SETTINGS, gpus }).HostConfig;

test("places are mounted as they are: data read-only, nothing of the host's own", () => {
  const mounts = hostOf(SPEC)?.Mounts?.map(({ Source, Target, ReadOnly }) => [Source, Target, ReadOnly]);
  expect(mounts?.slice(0, 2)).toEqual([
    ["/data/att_1/code", "/app", false],
    ["/data/trees/1", "/data/movies", true],
  ]);
  expect(mounts?.slice(2).map(([source]) => source)).toEqual([
    SPEC.output_log,
    "/data/passwd",
    "/data/group",
  ]);
});

test("no more CPUs are asked for than there are, and serving goes before training", () => {
  expect(hostOf(SPEC)?.NanoCpus).toBe(2_000_000_000);
  const serving = hostOf({ ...SPEC, background: false })?.CpuShares ?? 0;
  expect(serving).toBeGreaterThan(hostOf(SPEC)?.CpuShares ?? 0);
});

test("devices are asked for by UUID, or handed to NVIDIA's own runtime", () => {
  expect(hostOf(SPEC)?.DeviceRequests).toBeUndefined();
  expect(hostOf({ ...SPEC, devices: [GPU] })?.DeviceRequests).toMatchObject([
    { DeviceIDs: ["GPU-1"], Count: 0, Capabilities: [["gpu"]] },
  ]);
  const runtime = containerOf({ ...SPEC, devices: [GPU] }, { ...SETTINGS, gpus: "runtime" });
  expect(runtime.HostConfig?.Runtime).toBe("nvidia");
  expect(runtime.Env).toContain("NVIDIA_VISIBLE_DEVICES=GPU-1");
});

test("what the image says of GPUs never counts: the session's own devices do, or none", () => {
  for (const gpus of ["request", "runtime"] as const) {
    const variables = (devices: (typeof GPU)[]) =>
      containerOf({ ...SPEC, devices }, { ...SETTINGS, gpus }).Env;
    expect(variables([])).toContain("NVIDIA_VISIBLE_DEVICES=void");
    expect(variables([GPU])).toContain("NVIDIA_VISIBLE_DEVICES=GPU-1");
  }
});

test("an image's volumes are empty and read-only, but for those where the session has a place of its own", () => {
  const { HostConfig } = containerOf(SPEC, { ...SETTINGS, volumes: ["/cache/", "/cache", "/app", "x/../y"] });
  const volumes = HostConfig?.Mounts?.filter(({ Type }) => Type === "tmpfs");
  expect(volumes?.map(({ Target, ReadOnly }) => [Target, ReadOnly])).toEqual([
    ["/cache", true],
    ["/y", true],
  ]);
});

test("no more open files than this machine gives its services", () => {
  const line = (hard: string) =>
    `Max processes  1  2  processes\nMax open files            1024        ${hard}  files\n`;
  expect(openFilesOf(line("20000"))).toBe(20_000);
  expect(openFilesOf(line("1048576"))).toBe(65_536);
  expect(openFilesOf("")).toBe(1024);
});

test("addresses of daemons: a socket, or a host and a port without TLS", () => {
  expect(addressOf("unix:///run/docker.sock")).toEqual({ socketPath: "/run/docker.sock" });
  expect(addressOf("tcp://127.0.0.1:2376")).toEqual({ host: "127.0.0.1", port: 2376, protocol: "http" });
  expect(addressOf("tcp://[::1]:2375")).toEqual({ host: "::1", port: 2375, protocol: "http" });
});

test("a refusal is an answer; a broken connection is none", () => {
  expect(isAway(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }))).toBe(true);
  expect(isAway(Object.assign(new Error("no such container"), { statusCode: 404 }))).toBe(false);
  expect(isAway(new Error("something else"))).toBe(false);
});

const watched = { killed: false, watched: "to its end" as const, oom: false };
const unwatched = { ...watched, watched: "until the daemon went away" as const };
const state = (ExitCode: number, OOMKilled = false) => ({ ExitCode, OOMKilled, Error: "" });

test("a signal that ended it is its own when it was watched, Docker's when Docker was away", () => {
  expect(endingOf(state(143), watched)).toEqual({ exit_code: 143, oom: false, lost: null });
  expect(endingOf(state(143), unwatched).lost).toContain("Docker was restarted");
  expect(endingOf(state(143), { ...watched, watched: "by nobody" }).lost).toContain("no runner watched it");
  expect(endingOf(state(137), { ...unwatched, killed: true }).lost).toBeNull();
});

test("an exit code of its own counts whoever watched, and so does the kernel's kill", () => {
  expect(endingOf(state(7), unwatched)).toEqual({ exit_code: 7, oom: false, lost: null });
  expect(endingOf(state(137, true), unwatched)).toEqual({ exit_code: 137, oom: true, lost: null });
  expect(endingOf(state(137), { ...watched, oom: true }).oom).toBe(true);
});

test("a member of a gang is reached at its port; nobody else has a network, let alone a port", () => {
  const alone = containerOf(SPEC, SETTINGS);
  expect(alone.HostConfig?.NetworkMode).toBe("none");
  expect([alone.ExposedPorts, alone.HostConfig?.PortBindings]).toEqual([undefined, undefined]);
  const member = containerOf({ ...SPEC, network: "fabric", port: 29_500 }, SETTINGS);
  expect(member.HostConfig?.NetworkMode).toBe("fabric");
  expect(member.ExposedPorts).toEqual({ "29500/tcp": {} });
  expect(member.HostConfig?.PortBindings).toEqual({ "29500/tcp": [{ HostPort: "29500" }] });
  const onHost = containerOf({ ...SPEC, network: "host" }, SETTINGS).HostConfig;
  expect([onHost?.NetworkMode, onHost?.PortBindings]).toEqual(["host", undefined]);
});
