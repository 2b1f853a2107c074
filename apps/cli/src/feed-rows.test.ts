import { afterAll, beforeEach, expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Feed, feedRows } from "./feed-rows.ts";
import { rowsInMemory } from "./row-files/row-file.ts";

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
  calls: 1,
  onProgress: () => {},
  sleep: async (ms) => void waited.push(ms),
};
const rows = rowsInMemory([1, 2, 3, 4, 5, 6, 7]);
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

test("calls under way together are written in the order of their rows, however late each is answered", async () => {
  const path = join(folder, "together.jsonl");
  const calls: number[] = [];
  let open = 0;
  const slow = Bun.serve({
    port: 0,
    async fetch(request) {
      open += 1;
      calls.push(open);
      const part = (await request.json()) as number[];
      await Bun.sleep(part[0] === 1 ? 60 : 5);
      open -= 1;
      return Response.json(part);
    },
  });
  const many = Array.from({ length: 20 }, (_, row) => row + 1);
  await feedRows(rowsInMemory(many), path, { ...feed, url: slow.url.href, calls: 3 });
  expect(readFileSync(path, "utf8")).toBe(many.map((row) => `${row}\n`).join(""));
  expect(Math.max(...calls)).toBe(3);
  await slow.stop(true);
});

test("whole numbers are exact on their way to the model and back", async () => {
  const path = join(folder, "exact.jsonl");
  const echo = Bun.serve({ port: 0, fetch: async (request) => new Response(await request.text()) });
  await feedRows(rowsInMemory([2n ** 62n + 1n, { n: -(2n ** 60n) - 1n }]), path, {
    ...feed,
    url: echo.url.href,
  });
  expect(readFileSync(path, "utf8")).toBe('4611686018427387905\n{"n":-1152921504606846977}\n');
  await echo.stop(true);
});

test("killed at any moment, again and again, it ends with each row once and in order", async () => {
  const path = join(folder, "killed.jsonl");
  const model = Bun.serve({
    port: 0,
    async fetch(request) {
      const part = (await request.json()) as number[];
      await Bun.sleep(Math.random() * 8);
      return Response.json(part.map((row) => `prediction of ${row}`));
    },
  });
  const program = join(import.meta.dir, "testing", "feed-child.ts");
  let kills = 0;
  for (let round = 0; ; round++) {
    const child = Bun.spawn([process.execPath, program, model.url.href, path, "300"]);
    // Long enough for some of the rows, until the last round lets it finish.
    const before = existsSync(path) ? readFileSync(path).byteLength : 0;
    const goal = before + 200 + Math.random() * 900;
    const isOver = child.exited.then(() => true);
    while (round < 8 && !(await Promise.race([isOver, Bun.sleep(1).then(() => false)]))) {
      if (existsSync(path) && readFileSync(path).byteLength > goal) child.kill("SIGKILL");
    }
    if ((await child.exited) === 0) break;
    expect(child.signalCode).toBe("SIGKILL");
    kills += 1;
  }
  expect(kills).toBeGreaterThan(2);
  const expected = Array.from({ length: 300 }, (_, row) => `"prediction of ${row}"\n`).join("");
  expect(readFileSync(path, "utf8")).toBe(expected);
  await model.stop(true);
}, 60_000);
