import { afterEach, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createScorerPool, type ScorerPool } from "./scorer-pool.ts";
import { testFolder } from "./tables/test-files.ts";

const { folder, write } = testFolder();
const labelsPath = write("id,y\n1,2\n2,3\n");
const GOOD = "id,prediction\n1,2\n2,5\n";
const KILL_ALWAYS = write(GOOD, "-kill-always.csv");
const KILL_ONCE = write(GOOD, "-kill-once.csv");
const HANG = write(GOOD, "-hang.csv");

/** The real scorer behind a trap that springs at certain file names, as a hostile file would. */
const TRAPPED = write(
  `
  import { existsSync, writeFileSync } from "node:fs";
  import ${JSON.stringify(join(import.meta.dir, "scorer-process.ts"))};
  process.stdin.on("data", (chunk) => {
    const line = String(chunk);
    const die = () => process.kill(process.pid, "SIGKILL");
    if (line.includes("-kill-always")) die();
    if (line.includes("-kill-once") && !existsSync(${JSON.stringify(join(folder, "killed"))})) {
      writeFileSync(${JSON.stringify(join(folder, "killed"))}, "");
      die();
    }
    if (line.includes("-hang")) for (;;);
  });
  `,
  ".ts",
);

let pool: ScorerPool | undefined;
afterEach(() => pool?.close());

function start(options: { size?: number; timeoutMs?: number; entry?: string } = {}) {
  pool = createScorerPool({ size: 1, timeoutMs: 20_000, memoryBytes: 128 * 1024 ** 2, ...options });
  return pool;
}

const request = (predictionsPath: string) => ({
  labelsPath,
  predictionsPath,
  targetField: "y",
  columns: [{ key: "score", metric: "mse" as const }],
});

test("a file is scored in a child that stays for the next one; a refusal comes back whole", async () => {
  const { score } = start();
  expect(await score(request(write(GOOD)))).toMatchObject({ scores: { score: 2 }, rows: 2 });
  const [child] = childrenOf(process.pid);
  await expect(score(request(write("id,prediction\n1,2\n2,x\n")))).rejects.toMatchObject({
    code: "invalid_predictions",
    details: { reason: "not_a_number", row: 3, id: "2" },
  });
  expect(childrenOf(process.pid)).toEqual([child ?? 0]);
});

test("the child's environment is a PATH and nothing else", async () => {
  const { score } = start();
  await score(request(write(GOOD)));
  const [child] = childrenOf(process.pid);
  expect(readFileSync(`/proc/${child}/environ`, "utf8").split("\0").filter(Boolean)).toEqual([
    expect.stringMatching(/^PATH=/),
  ]);
});

test("many requests at once share the children and all get their own answer", async () => {
  const { score } = start({ size: 2 });
  const scores = [0, 1, 2, 3, 4, 5].map((off) =>
    score(request(write(`id,prediction\n1,${2 + off}\n2,${3 + off}\n`))),
  );
  expect((await Promise.all(scores)).map((result) => result.scores["score"])).toEqual([0, 1, 4, 9, 16, 25]);
  expect(childrenOf(process.pid).length).toBe(2);
});

test("a file that kills the scorer once is scored by the next child", async () => {
  const { score } = start({ entry: TRAPPED });
  expect(await score(request(KILL_ONCE))).toMatchObject({ scores: { score: 2 } });
});

test("a file that kills the scorer twice is the entrant's to repair, and others are scored after it", async () => {
  const { score } = start({ entry: TRAPPED });
  await expect(score(request(KILL_ALWAYS))).rejects.toMatchObject({
    code: "invalid_predictions",
    message: expect.stringContaining("twice, it ended the scorer (SIGKILL)"),
    details: { reason: "killed_the_scorer" },
  });
  expect(await score(request(write(GOOD)))).toMatchObject({ scores: { score: 2 } });
});

test("a file that keeps the scorer busy for ever is given up, and its process is gone", async () => {
  const { score } = start({ entry: TRAPPED, timeoutMs: 1_500 });
  await expect(score(request(HANG))).rejects.toThrow("longer than 1500 ms");
  expect(childrenOf(process.pid)).toEqual([]);
});

test("a child that died while idle costs the next file nothing", async () => {
  const { score } = start({ entry: TRAPPED });
  await score(request(write(GOOD)));
  const [child] = childrenOf(process.pid);
  process.kill(child ?? 0, "SIGKILL");
  await until(() => childrenOf(process.pid).length === 0);
  expect(await score(request(write(GOOD)))).toMatchObject({ scores: { score: 2 } });
});

test("a moment that kills all children, busy or idle, costs a file nothing", async () => {
  const { score } = start({ entry: TRAPPED, size: 2 });
  await Promise.all([score(request(write(GOOD))), score(request(write(GOOD)))]);
  const children = childrenOf(process.pid);
  expect(children).toHaveLength(2);
  // The pool has not heard of it yet when it hands the next file to the first of them.
  for (const child of children) process.kill(child, "SIGKILL");
  expect(await score(request(write(GOOD)))).toMatchObject({ scores: { score: 2 } });
});

test("a fault of the platform is a plain error, no fault of the entrant", async () => {
  const { score, close } = start();
  await expect(score(request(join(folder, "gone.csv")))).rejects.not.toHaveProperty("code");
  await close();
  await expect(score(request(write(GOOD)))).rejects.toThrow("shutting down");
  expect(childrenOf(process.pid)).toEqual([]);
});

test("closing fails what is under way with a plain error", async () => {
  const { score, close } = start({ entry: TRAPPED });
  const running = score(request(HANG)).catch((error: unknown) => error);
  await until(() => childrenOf(process.pid).length === 1);
  await close();
  expect(String(await running)).toContain("shutting down");
});

test("when the hub is killed, its scorers end", async () => {
  const script = write(
    `
    import { createScorerPool } from ${JSON.stringify(join(import.meta.dir, "scorer-pool.ts"))};
    const pool = createScorerPool({ size: 1, timeoutMs: 20_000, memoryBytes: 2 ** 27 });
    await pool.score(${JSON.stringify(request(write(GOOD)))});
    console.log("scored");
    await new Promise(() => setInterval(() => {}, 1_000));
    `,
    ".ts",
  );
  const hub = Bun.spawn([process.execPath, script], { stdout: "pipe" });
  await hub.stdout.getReader().read();
  const [scorer] = childrenOf(hub.pid);
  expect(scorer).toBeGreaterThan(0);
  hub.kill("SIGKILL");
  await hub.exited;
  await until(() => !existsSync(`/proc/${scorer}`));
});

/** Living processes whose parent is `pid`. */
function childrenOf(pid: number): number[] {
  const parentOf = (entry: string) => {
    try {
      const [state, parent] =
        readFileSync(`/proc/${entry}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      return state === "Z" ? 0 : Number(parent);
    } catch {
      return 0;
    }
  };
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === pid)
    .map(Number);
}

async function until(holds: () => boolean) {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await Bun.sleep(20);
  }
  throw new Error("It did not come to pass within ten seconds.");
}
