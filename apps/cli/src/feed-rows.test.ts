import { afterAll, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Feed, feedRows } from "./feed-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "podium-feed-"));
const asked: number[][] = [];
/** answers that come before the model's own */
let answers: (() => Response)[] = [];
const endpoint = Bun.serve({
  port: 0,
  async fetch(request) {
    const rows = (await request.json()) as number[];
    const answer = answers.shift();
    if (answer) return answer();
    asked.push(rows);
    return Response.json(rows.map((row) => row * 10));
  },
});
afterAll(() => {
  endpoint.stop(true);
  rmSync(folder, { recursive: true });
});
let waited: number[] = [];
beforeEach(() => {
  asked.length = 0;
  answers = [];
  waited = [];
});

const feed: Feed = {
  url: endpoint.url.href,
  key: "pdk_x",
  atOnce: 3,
  onProgress: () => {},
  sleep: async (ms) => void waited.push(ms),
};
const rows = [1, 2, 3, 4, 5, 6, 7];
const predictions = "10\n20\n30\n40\n50\n60\n70\n";

test("rows go in calls of so many, and each has its line; a busy endpoint is waited for", async () => {
  const path = join(folder, "all.jsonl");
  answers = [() => new Response("{}", { status: 429, headers: { "retry-after": "2" } })];
  await feedRows(rows, path, feed);
  expect(asked).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  expect(waited).toEqual([2_000]);
  expect(readFileSync(path, "utf8")).toBe(predictions);
});

test("what was interrupted goes on after its last whole line, and asks nothing twice", async () => {
  const path = join(folder, "rest.jsonl");
  appendFileSync(path, "10\n20\n30\n4");
  await feedRows(rows, path, feed);
  expect(asked).toEqual([[4, 5, 6], [7]]);
  expect(readFileSync(path, "utf8")).toBe(predictions);
  await feedRows(rows, path, feed);
  expect(asked).toHaveLength(2);
});

test("a refused call names its rows and keeps those before; so does an answer of the wrong length", async () => {
  const path = join(folder, "refused.jsonl");
  answers = [() => Response.json([10, 20, 30]), () => new Response("no such column", { status: 422 })];
  await expect(feedRows(rows, path, feed)).rejects.toThrow(/422 to rows 4 to 6: no such column/);
  expect(readFileSync(path, "utf8")).toBe("10\n20\n30\n");
  answers = [() => Response.json([1])];
  await expect(feedRows(rows, path, feed)).rejects.toThrow(/no list of 3 predictions for rows 4 to 6/);
  expect(readFileSync(path, "utf8")).toBe("10\n20\n30\n");
});
