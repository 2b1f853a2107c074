import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const ID = `key_${"0".repeat(32)}`;
const asked: [string, string, unknown][] = [];
const KEY = {
  id: ID,
  name: "shop",
  endpoint: "score",
  team: "ann",
  scopes: ["infer", "jobs"],
  versions: [2],
  rate: { per_second: 5, burst: 5 },
  calls_per_day: 100,
  calls_per_month: null,
  calls_today: 7,
  calls_this_month: 9,
  expires_at: null,
  old_secret_until: null,
  last_used_at: "2026-01-01T12:00:00Z",
  created_at: "2026-01-01T11:00:00Z",
};
const SETTINGS = {
  public: false,
  timeout_ms: 5_000,
  max_queue: 2_048,
  max_body_bytes: 8 * 1024 ** 2,
  cors_origins: ["https://shop.test"],
  rate: null,
  address_rate: null,
};

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    asked.push([request.method, pathname, body === "" ? null : JSON.parse(body)]);
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    if (request.method === "PATCH") return Response.json(SETTINGS);
    if (request.method === "GET") return Response.json({ items: [KEY] });
    return Response.json({ id: ID, key: "pdk_secret" });
  },
});
afterAll(() => hub.stop(true));

async function podium(...args: string[]) {
  const { stdout, stderr, exitCode: code } = await runPodium(args, loggedIn(hub.url.origin));
  return { stdout, stderr, code };
}

test("a key is made with its limits, for one endpoint or for all of a team's, and its text printed alone", async () => {
  const limits = ["--scope", "infer", "jobs", "--version", "2", "--expires", "30d", "--rate", "0.5"];
  const made = await podium("endpoint", "key", "score", "--name", "shop", ...limits, "--per-day", "100");
  expect([made.stdout, made.code]).toEqual(["pdk_secret\n", 0]);
  expect(asked.at(-1)).toEqual([
    "POST",
    "/api/v1/endpoints/score/keys",
    {
      name: "shop",
      scopes: ["infer", "jobs"],
      versions: [2],
      expires_in_days: 30,
      rate: { per_second: 0.5, burst: 1 },
      calls_per_day: 100,
    },
  ]);
  await podium("endpoint", "key", "create", "--team", "lab");
  expect(asked.at(-1)).toEqual(["POST", "/api/v1/teams/lab/endpoint-keys", { name: "podium" }]);
  for (const wrong of [
    [],
    ["score", "--team", "lab"],
    ["score", "--burst", "5"],
    ["score", "--expires", "5m"],
  ])
    expect((await podium("endpoint", "key", "create", ...wrong)).code).toBe(2);
});

test("keys are listed without secrets, rotated with an overlap, and revoked", async () => {
  const { stdout } = await podium("endpoint", "key", "ls", "score");
  for (const shown of [ID, "infer,jobs of version 2", "5/s, 100/day", "7"]) expect(stdout).toContain(shown);
  const rotated = await podium("endpoint", "key", "rotate", "score", ID, "--overlap", "1h");
  expect(rotated.stdout).toBe("pdk_secret\n");
  expect(asked.at(-1)).toEqual([
    "POST",
    `/api/v1/endpoints/score/keys/${ID}/rotate`,
    { overlap_seconds: 3600 },
  ]);
  await podium("endpoint", "key", "rotate", ID, "--team", "lab");
  expect(asked.at(-1)?.[1]).toBe(`/api/v1/teams/lab/endpoint-keys/${ID}/rotate`);
  expect((await podium("endpoint", "key", "rm", "score", ID)).stdout).toContain("is revoked");
  expect(asked.at(-1)?.slice(0, 2)).toEqual(["DELETE", `/api/v1/endpoints/score/keys/${ID}`]);
});

test("an endpoint's settings are changed one by one; a limit is taken away by its --no- option", async () => {
  const { stdout } = await podium(
    ...["endpoint", "edit", "score", "--timeout", "5s", "--origin", "https://shop.test"],
    ...["--no-rate", "--address-rate", "2", "--address-burst", "10", "--max-body", "1MiB"],
  );
  expect(stdout).toContain("answers within 5 s");
  expect(stdout).toContain("pages of https://shop.test");
  expect(asked.at(-1)).toEqual([
    "PATCH",
    "/api/v1/endpoints/score",
    {
      timeout_ms: 5_000,
      max_body_bytes: 1024 ** 2,
      cors_origins: ["https://shop.test"],
      rate: null,
      address_rate: { per_second: 2, burst: 10 },
    },
  ]);
  expect((await podium("endpoint", "edit", "score")).code).toBe(2);
});
