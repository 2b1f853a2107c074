import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

setDefaultTimeout(30_000);

const { home, runPodium } = podiumCommand();

const DATASET = {
  id: `dat_${"0".repeat(32)}`,
  team: "ann",
  name: "films",
  description: "Ratings of films\nand more",
  visibility: "team",
  tags: ["table", "text"],
  author: "Ann",
  latest_version: 2,
  size_bytes: 2048,
  files: 2,
  created_at: "2026-01-01T00:00:00Z",
  modified_at: "2026-01-02T00:00:00Z",
  last_access_at: null,
};
const VERSION = {
  id: `dsv_${"0".repeat(32)}`,
  number: 2,
  tree_id: "d".repeat(64),
  size_bytes: 2048,
  files: 2,
  author: "Bob",
  note: "without\u001b[2J duplicates",
  created_at: "2026-01-02T00:00:00Z",
};
const none = { files: 0, bytes: 0 };
const side = (size_bytes: number, executable = false) => ({ size_bytes, executable });
const CHANGES = [
  { path: "a.csv", change: "added", old_path: null, before: null, after: side(3) },
  { path: "b.csv", change: "changed", old_path: null, before: side(3), after: side(5) },
  { path: "c/d.csv", change: "renamed", old_path: "d.csv", before: side(7), after: side(7) },
  { path: "e.csv", change: "removed", old_path: null, before: side(9), after: null },
  { path: "run.sh", change: "mode_changed", old_path: null, before: side(1), after: side(1, true) },
];
const TOTALS = {
  added: { files: 1, bytes: 3 },
  removed: { files: 1, bytes: 9 },
  changed: { files: 1, bytes: 5 },
  renamed: { files: 1, bytes: 7 },
  mode_changed: { files: 1, bytes: 1 },
  unchanged: { files: 40, bytes: 100 },
};

let asked: { method: string; path: string; query: URLSearchParams; body: unknown }[] = [];
beforeEach(() => {
  asked = [];
});

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname, searchParams: query } = new URL(request.url);
    const { method } = request;
    const path = pathname.replace("/api/v1", "");
    asked.push({
      method,
      path,
      query,
      body: method === "GET" ? null : await request.json().catch(() => null),
    });
    if (method === "DELETE" && path.includes("/seas"))
      return problem(
        409,
        "conflict",
        "ann/seas can't be removed while it is used: it is the data of round-1.",
      );
    if (method === "DELETE") return new Response(null, { status: 204 });
    if (path.endsWith("/diff")) return Response.json(diffPage(query));
    const answers: Record<string, unknown> = {
      "/me": { email: "ann@podium.test", teams: [{ slug: "ann", personal: true }] },
      "/datasets": { items: [DATASET], next: null },
      "/datasets/ann/films": DATASET,
      "/datasets/ann/films/rename": { ...DATASET, name: "movies" },
      "/datasets/ann/films/versions": method === "GET" ? { items: [VERSION] } : { ...VERSION, number: 3 },
      "/blobs/missing": { missing: [] },
      "/trees": { id: "d".repeat(64), size: 1 },
    };
    const answer = answers[path];
    return answer ? Response.json(answer) : problem(404, "not_found", `There is no ${path}.`);
  },
});
afterAll(() => hub.stop(true));

const problem = (status: number, code: string, detail: string) =>
  Response.json({ type: "", title: code, status, code, detail }, { status });

function diffPage(query: URLSearchParams) {
  const from = CHANGES.findIndex(({ path }) => path > (query.get("after") ?? ""));
  // A hub may give less than was asked for.
  const items = CHANGES.slice(from, from + Math.min(2, Number(query.get("limit"))));
  const last = items.at(-1);
  const same = query.get("to") === "1";
  if (same) return { from: 1, to: 1, totals: { ...TOTALS, ...EMPTY }, items: [], next: null };
  return { from: 1, to: 2, totals: TOTALS, items, next: last === CHANGES.at(-1) ? null : last?.path };
}
const EMPTY = { added: none, removed: none, changed: none, renamed: none, mode_changed: none };

const podium = (...args: string[]) => runPodium(["dataset", ...args], loggedIn(hub.url.origin));
const writes = () => asked.filter(({ method }) => method !== "GET");

test("the list shows what NSML's did, and asks the hub to search", async () => {
  const { stdout } = await podium("ls", "--search", "film ratings", "--tag", "text", "--tag", "2026");
  expect(stdout).toMatch(/NAME +VERSION +SIZE +MODIFIED +LAST ACCESS +AUTHOR +VISIBLE TO +TAGS +DESCRIPTION/);
  expect(stdout).toMatch(/ann\/films +2 +2\.0 KiB .* Ann +team +table, text +Ratings of films\n/);
  expect(asked[0]?.query.get("q")).toBe("film ratings");
  expect(asked[0]?.query.getAll("tag")).toEqual(["text", "2026"]);
  await podium("search", "ratings", "--sort", "size");
  expect(Object.fromEntries(asked[1]?.query ?? [])).toMatchObject({ q: "ratings", sort: "size" });
});

test("an order that there is not is refused with those that there are", async () => {
  const { stderr, exitCode } = await podium("ls", "--sort", "weight");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("name, size, last_access, created");
});

test("a dataset is shown with its versions, and nothing in a note moves the cursor", async () => {
  const { stdout } = await podium("show", "films");
  expect(stdout).toContain("Ratings of films\nand more");
  expect(stdout).toMatch(/2 +\d{4}-\d\d-\d\d .* Bob +2 +2\.0 KiB +without duplicates/);
  expect(stdout).not.toContain("\u001b");
  const { versions } = JSON.parse((await podium("show", "films", "--json")).stdout);
  expect(versions).toHaveLength(1);
});

test("a push carries its note, and says that a dataset which is there keeps its tags", async () => {
  mkdirSync(join(home, "data"), { recursive: true });
  writeFileSync(join(home, "data/a.csv"), "1");
  const { stdout, stderr } = await podium(
    "push",
    "films",
    "data",
    "-m",
    "without duplicates",
    "--tag",
    "new",
  );
  expect(stdout).toStartWith("ann/films@3: 1 file");
  expect(stderr).toContain("podium dataset edit ann/films");
  expect(writes().at(-1)?.body).toEqual({ tree_id: "d".repeat(64), note: "without duplicates" });
});

test("a difference is a line of totals, and one line a file up to a number", async () => {
  const { stdout } = await podium("diff", "films@1", "@2", "-n", "4");
  expect(stdout).toBe(
    [
      "ann/films: version 1 → 2: 1 added (3 B), 1 removed (9 B), 1 changed (5 B), 1 renamed (7 B), 1 mode changed (1 B); 40 unchanged",
      "+ a.csv  3 B",
      "~ b.csv  3 B → 5 B",
      "> d.csv → c/d.csv  7 B",
      "- e.csv  9 B",
      "… and 1 more (-n NUMBER lists more, --json all)",
      "",
    ].join("\n"),
  );
  const { stdout: all } = await podium("diff", "films");
  expect(all).toContain("* run.sh  now executable");
  expect(asked.at(-1)?.query.has("from")).toBe(false);
  expect(JSON.parse((await podium("diff", "films", "--json")).stdout).items).toEqual(CHANGES);
});

test("versions that are alike say so, and what is no version is refused", async () => {
  expect((await podium("diff", "films@1", "1")).stdout).toBe(
    "ann/films: version 1 → 1: the files are the same (40).\n",
  );
  const { stderr, exitCode } = await podium("diff", "films", "newest");
  expect(exitCode).toBe(2);
  expect(stderr).toContain('"newest" is not a version: say it as @3.');
});

test("an edit sends what was named and nothing else", async () => {
  await podium("edit", "films", "--tag", "a", "--tag", "b");
  await podium("edit", "films", "--no-tags", "--description", "");
  const { stderr } = await podium("edit", "films", "--visibility", "private");
  expect(writes().map(({ body }) => body)).toEqual([
    { tags: ["a", "b"] },
    { tags: [], description: "" },
    { visibility: "private" },
  ]);
  expect(stderr).toContain("Sessions that mount it go on.");
});

test("an edit that changes nothing, or a version, is refused before the hub is asked", async () => {
  expect((await podium("edit", "films")).stderr).toContain("Say what to change: --description");
  expect((await podium("edit", "films", "--no-tags", "--tag", "a")).stderr).toContain("not both");
  expect((await podium("edit", "films@2", "--tag", "a")).stderr).toContain("Versions never change");
  expect(writes()).toEqual([]);
});

test("a rename names the team's dataset and what it is called from now on", async () => {
  const { stdout } = await podium("rename", "films", "movies");
  expect(stdout).toBe("ann/films is ann/movies now.\n");
  expect(writes()).toMatchObject([{ path: "/datasets/ann/films/rename", body: { name: "movies" } }]);
  expect((await podium("rename", "films@2", "movies")).stderr).toContain("Versions never change");
});

test("nothing is removed without being asked; what is in use says why it stays", async () => {
  const { stderr, exitCode } = await podium("rm", "films");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("There is no terminal to ask on: give --force.");
  expect(writes()).toEqual([]);
  expect((await podium("rm", "films@2", "-f")).stdout).toBe("ann/films@2 is removed.\n");
  expect(writes().map(({ path }) => path)).toEqual(["/datasets/ann/films/versions/2"]);
  expect((await podium("rm", "seas", "-f")).stderr).toContain("it is the data of round-1");
});

test.each(["Films", "../films", "films@", "films@-1", "a/b/c", "", "films@12345678901"])(
  "%j names no dataset",
  async (name) => {
    const { stderr, exitCode } = await podium("show", name);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is not a dataset's name");
  },
);
