import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const ID = `fnd_${"0".repeat(32)}`;
const FINDING = {
  id: ID,
  kind: "near_duplicate",
  evidence: { entrants: ["ann", "bob"], similarity: 0.98 },
  found_at: "2026-01-01T12:00:00Z",
  verdict: null,
  reason: null,
  judged_at: null,
};
const bodies: unknown[] = [];
const hub = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    if (request.method === "GET") return Response.json({ items: [FINDING], next: null });
    const body = (await request.json()) as object;
    bodies.push(body);
    return Response.json({ ...FINDING, ...body });
  },
});
afterAll(() => hub.stop(true));
const podium = (...args: string[]) => runPodium(["competition", ...args], loggedIn(hub.url.href));

test("findings name the entrants and what was seen", async () => {
  const { stdout } = await podium("findings", "numbers");
  expect(stdout).toContain("ann, bob");
  expect(stdout).toContain("about 98 % of the rows agree");
});

test("a verdict is sent with its reason; without one, or with both, nothing is", async () => {
  const judged = await podium("judge", "numbers", ID, "--dismiss", "-r", "the baseline");
  const both = await podium("judge", "numbers", ID, "--dismiss", "--uphold", "-r", "x");
  const bare = await podium("judge", "numbers", ID, "--uphold");

  expect(judged.stdout).toContain("dismissed: the baseline");
  expect(both).toMatchObject({ exitCode: 2 });
  expect(bare.exitCode).not.toBe(0);
  expect(bodies).toEqual([{ verdict: "dismissed", reason: "the baseline" }]);
});
