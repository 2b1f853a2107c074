import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const ID = `whk_${"0".repeat(32)}`;
const asked: [string, string, unknown][] = [];
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/me": { name: "ann", teams: [{ slug: "ann", personal: true }] },
  "POST /api/v1/teams/ann/webhooks": { id: ID, secret: "whsec_abc" },
  "GET /api/v1/teams/lab/webhooks": {
    items: [
      { id: ID, url: "https://example.org/", kinds: null, state: "failing", last_error: "It answered 503." },
    ],
  },
  [`POST /api/v1/teams/ann/webhooks/${ID}/test`]: {
    delivered: false,
    status: 503,
    error: "It answered 503.",
  },
  [`POST /api/v1/teams/ann/webhooks/${ID}/enable`]: { id: ID, url: "https://example.org/", state: "active" },
  "GET /api/v1/notifications/mail": {
    available: false,
    kinds: [{ kind: "session.ended", title: "A session failed", mail: false }],
  },
};

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    asked.push([request.method, pathname, body === "" ? null : JSON.parse(body)]);
    if (request.method === "PUT" || request.method === "DELETE") return new Response(null, { status: 204 });
    return Response.json(ANSWERS[`${request.method} ${pathname}`] ?? {});
  },
});
afterAll(() => hub.stop(true));

async function podium(...args: string[]) {
  const { stdout, stderr, exitCode: code } = await runPodium(args, loggedIn(hub.url.origin));
  return { stdout, stderr, code };
}

test("a webhook is added for one's own team, with the kinds that it is for, and its secret shown", async () => {
  const kinds = ["--kind", "session.ended", "--kind", "session.stalled"];
  const { stdout } = await podium("webhook", "add", "https://example.org/", ...kinds);
  expect(stdout).toContain("whsec_abc");
  expect(asked.at(-1)?.[2]).toEqual({
    url: "https://example.org/",
    kinds: ["session.ended", "session.stalled"],
  });
  expect((await podium("webhook", "add", "https://example.org/", "--kind", "x")).stderr).toContain(
    "Say one of session.ended,",
  );
});

test("the list says what is wrong, and a test that fails fails", async () => {
  expect((await podium("webhook", "ls", "--team", "lab")).stdout).toMatch(/failing +It answered 503\./);
  expect(await podium("webhook", "test", ID)).toMatchObject({ stdout: "It answered 503.\n", code: 1 });
  await podium("webhook", "rm", ID, "--team", "lab");
  expect(asked.at(-1)?.slice(0, 2)).toEqual(["DELETE", `/api/v1/teams/lab/webhooks/${ID}`]);
});

test("one that was turned off is turned on again", async () => {
  const { stdout } = await podium("webhook", "on", ID);
  expect(asked.at(-1)?.slice(0, 2)).toEqual(["POST", `/api/v1/teams/ann/webhooks/${ID}/enable`]);
  expect(stdout).toBe("https://example.org/ gets what happens from now on.\n");
});

test("mail of a kind is turned off; a hub without mail is told as such", async () => {
  const { stdout } = await podium("notifications", "mail", "session.ended", "off");
  expect(asked.find(([method]) => method === "PUT")).toEqual([
    "PUT",
    "/api/v1/notifications/mail/session.ended",
    { mail: false },
  ]);
  expect(stdout).toMatch(/session\.ended +off +A session failed\nThis hub sends no mail/);
});
