import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { packHeader } from "@podium/shared";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { home, runPodium } = podiumCommand();

const SESSION = { id: `ses_${"0".repeat(32)}`, name: "ann/films/1", code_tree: "c".repeat(64) };
const FILE = new TextEncoder().encode("id,rating\n");
const HASH = new Bun.CryptoHasher("sha256").update(FILE).digest("hex");
const dataset = (team: string, name: string) => ({ team, name });
const entry = { path: "films.csv", sha256: HASH, size: FILE.length, mode: 0o644 };
const ANSWERS: Record<string, unknown> = {
  "/api/v1/sessions": { items: [SESSION], next: null },
  [`/api/v1/sessions/${SESSION.id}/checkpoints`]: { items: [{ name: "best", tree_id: "a".repeat(64) }] },
  "/api/v1/me": { email: "ann@podium.test", teams: [{ slug: "ann", personal: true }] },
  "/api/v1/datasets": {
    items: [dataset("org", "films"), dataset("org", "seas"), dataset("bob", "seas")],
    next: null,
  },
  "/api/v1/datasets/org/films/versions": { items: [{ number: 1, tree_id: "d".repeat(64) }] },
  [`/api/v1/trees/${"d".repeat(64)}`]: { id: "d".repeat(64), size: FILE.length, entries: [entry] },
};
const POINTS = [
  { seq: 1, step: 0, name: "train__loss", value: 2 },
  { seq: 2, step: 0, name: "lr", value: 1 },
];

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.endsWith(HASH)) return new Response(FILE);
    if (pathname.endsWith("/pack")) return new Response(Buffer.concat([packHeader(HASH, FILE.length), FILE]));
    if (pathname.endsWith("/metrics")) {
      const items = searchParams.get("after_seq") === "0" ? POINTS : [];
      return Response.json({ items, next_seq: 2 });
    }
    const answer = ANSWERS[pathname];
    return answer ? Response.json(answer) : Response.json({ detail: `no ${pathname}` }, { status: 404 });
  },
});
afterAll(() => hub.stop(true));

const podium = (url: string, ...args: string[]) => runPodium(args, loggedIn(url));

test("a forgotten folder does not put the code where a checkpoint was meant", async () => {
  const { stderr } = await podium(hub.url.origin, "pull", "ann/films/1", "best");
  expect(stderr).toContain(
    '"best" is a checkpoint of ann/films/1: say where to put it (podium pull ann/films/1 best FOLDER)',
  );
  expect(existsSync(join(home, "best"))).toBe(false);
});

test("what a script reported as a__b is shown, and found, as a/b", async () => {
  expect((await podium(hub.url.origin, "metrics", "ann/films/1")).stdout).toContain("train/loss");
  const { stdout } = await podium(hub.url.origin, "metrics", "ann/films/1", "-n", "train/loss");
  expect(stdout).toContain("train/loss");
  expect(stdout).not.toContain("lr");
});

test("a contest's dataset is found by its name alone; of several one must be named", async () => {
  const { stdout } = await podium(hub.url.origin, "dataset", "pull", "films", "films");
  expect(stdout).toStartWith("1 file, 10 B, in ");
  const { stderr } = await podium(hub.url.origin, "dataset", "pull", "seas", "seas");
  expect(stderr).toContain("Say which: org/seas, bob/seas.");
});

test("a hub that hangs up is told in the user's words", async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  const { port } = server.address() as { port: number };
  const { stderr } = await podium(`http://127.0.0.1:${port}`, "ps");
  server.close();
  expect(stderr).toMatch(/can't be reached: .*closed unexpectedly\. Is it running\?/);
  expect(stderr).not.toContain("verbose");
});
