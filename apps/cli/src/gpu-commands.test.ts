import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const SESSION = { id: `ses_${"0".repeat(32)}`, name: "ann/films/1" };
const AT = "2026-01-01T12:00:00Z";
const point = (utilization: number | null) => ({
  at: AT,
  utilization,
  memory_bytes: 2 ** 30,
  temperature_celsius: 61,
  power_watts: null,
});
const device = (index: number, held_from: string, held_until: string | null, points: unknown[]) => ({
  node: "gpu-1",
  index,
  model: "A100",
  held_from,
  held_until,
  points,
});
const memory = { memory_bytes: 2 ** 33 };
const ANSWERS: Record<string, unknown> = {
  "/api/v1/sessions": { items: [SESSION], next: null },
  [`/api/v1/sessions/${SESSION.id}/figures`]: {
    devices: [
      device(3, AT, null, [point(0.5), point(0.9)]),
      device(0, "2026-01-01T11:00:00Z", "2026-01-01T11:30:00Z", [point(0.1)]),
    ],
  },
  "/api/v1/nodes": {
    items: [
      {
        name: "gpu-1",
        state: "ready",
        free_devices: 1,
        capacity: {
          ...memory,
          devices: [
            { index: 3, model: "A100", ...memory },
            { index: 4, model: "A100", ...memory },
          ],
        },
        figures: {
          cpu_share: 0.25,
          memory_bytes: 2 ** 32,
          disk_free_bytes: 2 ** 40,
          devices: [
            { index: 3, ...point(0.8) },
            { index: 4, ...point(null) },
          ],
        },
      },
      { name: "gpu-2", state: "lost", free_devices: 0, capacity: null, figures: null },
    ],
  },
  "/api/v1/cluster": { nodes: 1, devices: 2, devices_in_use: 1, sessions_running: 1, sessions_queued: 4 },
  "/api/v1/cluster/figures": { points: [{ devices_measured: 2, devices_busy: 0.5 }] },
};

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  fetch: (request) => {
    const answer = ANSWERS[new URL(request.url).pathname];
    return answer
      ? Response.json(answer)
      : Response.json({ detail: "no such thing", code: "not_found" }, { status: 404 });
  },
});
afterAll(() => hub.stop(true));

async function podium(...args: string[]) {
  const { stdout, stderr, exitCode: code } = await runPodium(args, loggedIn(hub.url.origin));
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
}

test("gpustat shows the GPUs that a session holds now: how busy they are, and were", async () => {
  const row = ["ann/films/1", "gpu-1", "3", "A100", "90 %", "70 %", "1.0 GiB", "61 °C", "–"];
  expect((await podium("gpustat", "ann/films/1")).slice(1)).toEqual([row, [""]]);
  expect((await podium("gpustat")).slice(1)).toEqual([row, [""]]);
});

test("gpumonitor shows every node, and the GPUs of one", async () => {
  expect((await podium("gpumonitor")).slice(1, 3)).toEqual([
    ["gpu-1", "ready", "25 %", "4.0 GiB of 8.0 GiB", "1 of 2", "80 %", "1.0 TiB"],
    ["gpu-2", "lost", "–", "–", "0 of 0", "–", "–"],
  ]);
  const one = await podium("gpumonitor", "-n", "gpu-1");
  expect(one[0]).toEqual(["gpu-1 is ready. CPU 25 %, memory 4.0 GiB of 8.0 GiB."]);
  expect(one[2]).toEqual(["3", "A100", "80 %", "1.0 GiB of 8.0 GiB", "61 °C", "–"]);
  expect(one[3]?.[2]).toBe("–");
});

test("status tells of the hub, its nodes, GPUs and sessions", async () => {
  expect((await podium("status")).flat()).toEqual([
    `The hub at ${hub.url.origin} is up.`,
    "Nodes: 1 node ready, lost: gpu-2.",
    "GPUs: 1 of 2 held; above 80 % utilisation in the last hour: 25 %.",
    "Sessions: 1 running, 4 waiting.",
    "",
  ]);
});
