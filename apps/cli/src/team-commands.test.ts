import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(60_000);

const ID = `inv_${"0".repeat(32)}`;
const MERGE = `mrg_${"0".repeat(32)}`;
const HASH = "a".repeat(64);
const asked: [string, string, unknown][] = [];
const entrant = {
  team: "ann",
  members: 2,
  round: 1,
  state: "merged",
  merged_into: "lab",
  agreed: false,
  joined_at: "2026-01-01T12:00:00Z",
};
const invitation = {
  id: ID,
  team: "lab",
  email: "bob@x.example",
  role: "member",
  invited_by: "ann",
  state: "pending",
  needs_token: false,
  expires_at: "2026-01-15T12:00:00Z",
};
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/me": { name: "ann", teams: [{ slug: "ann", personal: true }] },
  "GET /api/v1/competitions/films/terms": { terms: { content: "Be fair.\u001b[2J", sha256: HASH } },
  "GET /api/v1/competitions/open/terms": { terms: null },
  "POST /api/v1/competitions/films/entrants": entrant,
  "POST /api/v1/competitions/open/entrants": entrant,
  "GET /api/v1/competitions/films/entrants": { items: [entrant], next: null },
  "POST /api/v1/competitions/films/merges": { id: MERGE, from: "ann", into: "lab", state: "proposed" },
  [`POST /api/v1/competitions/films/merges/${MERGE}/accept`]: {
    id: MERGE,
    from: "ann",
    into: "bob",
    state: "done",
  },
  "GET /api/v1/invitations": { items: [invitation] },
  "POST /api/v1/teams/lab/invitations": invitation,
  [`POST /api/v1/invitations/${ID}/accept`]: { team: "lab" },
};

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    asked.push([request.method, pathname, body === "" ? null : JSON.parse(body)]);
    if (request.method === "DELETE" || pathname.endsWith("/decline"))
      return new Response(null, { status: 204 });
    return Response.json(ANSWERS[`${request.method} ${pathname}`] ?? { state: "active" });
  },
});
afterAll(() => hub.stop(true));
beforeEach(() => void asked.splice(0));

const podium = (...args: string[]) => runPodium(args, loggedIn(hub.url.origin));
const lastBody = () => asked.at(-1)?.[2];

test("joining shows the terms, harmlessly, and wants an answer; scripts name what they agree to", async () => {
  const { stderr, exitCode } = await podium("competition", "join", "films");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Be fair.");
  expect(stderr).not.toContain("\u001b");
  expect(stderr).toContain(`--accept-terms ${HASH}`);
  expect(asked.map(([method]) => method)).not.toContain("POST");

  await podium("competition", "join", "films", "--team", "lab", "--accept-terms", "yes");
  expect(lastBody()).toEqual({ team: "lab", terms: HASH });
  await podium("competition", "join", "films", "--accept-terms", "b".repeat(64));
  expect(lastBody()).toEqual({ team: "ann", terms: "b".repeat(64) });
});

test("without terms there is nothing to ask", async () => {
  const { stdout } = await podium("competition", "join", "open");
  expect(stdout).toContain("ann takes part in open");
  expect(lastBody()).toEqual({ team: "ann" });
});

test("the list says who has become part of whom and who has to agree again", async () => {
  const { stdout } = await podium("competition", "entrants", "films");
  expect(stdout).toMatch(/ann +2 +1 +merged into lab +to agree to again/);
});

test("withdrawing asks first, and a ban takes a reason", async () => {
  expect((await podium("competition", "withdraw", "films")).stderr).toContain("--force");
  await podium("competition", "withdraw", "films", "--force");
  expect(asked.at(-1)?.[1]).toBe("/api/v1/competitions/films/entrants/ann/withdraw");
  expect((await podium("competition", "ban", "films", "bob")).stderr).toContain("--reason");
  await podium("competition", "ban", "films", "bob", "-r", "two accounts");
  expect(lastBody()).toEqual({ reason: "two accounts" });
});

test("a merge is proposed, and accepted under the name of a new team", async () => {
  const { stdout } = await podium("competition", "merge", "propose", "films", "lab");
  expect(stdout).toContain(`podium competition merge accept films ${MERGE}`);
  const accepted = await podium("competition", "merge", "accept", "films", MERGE, "--as", "both");
  expect(accepted.stdout).toBe("ann is part of both now.\n");
  expect(lastBody()).toEqual({ team: "both" });
});

test("people are invited, see it, and accept or decline; members leave by themselves", async () => {
  expect((await podium("team", "invite", "lab", "bob@x.example")).stdout).toContain(
    `podium team accept ${ID}`,
  );
  expect((await podium("team", "invitations")).stdout).toMatch(
    /inv_0+ +lab +bob@x\.example +member +ann +pending/,
  );
  expect((await podium("team", "accept", ID, "--token", "t")).stdout).toBe("You are a member of lab now.\n");
  expect(lastBody()).toEqual({ token: "t" });
  await podium("team", "decline", ID);
  expect(asked.at(-1)?.[1]).toBe(`/api/v1/invitations/${ID}/decline`);
  await podium("team", "leave", "lab");
  expect(asked.at(-1)?.slice(0, 2)).toEqual(["DELETE", "/api/v1/teams/lab/members/ann"]);
});
