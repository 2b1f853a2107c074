import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliPath } from "../scripts/setup/paths.mjs";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { logOf, type Person, run, signUp, waitFor } from "./lib/person.ts";

const LINES = 600;
const WRITES = `
import time
for n in range(${LINES}):
    print("line", n, flush=True)
    time.sleep(0.02)
`;

const folder = mkdtempSync(join(tmpdir(), "podium-follow-"));
chmodSync(folder, 0o711);
let stack: Stack;
let person: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(folder, "data"), fresh: true, durable: false });
  person = await signUp(stack.hubUrl);
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test("who follows a session through deaths of the hub gets every line once", async () => {
  const session = await run(person, stack.hubUrl, WRITES);
  const follower = Bun.spawn([cliPath, "logs", "-f", session.name], {
    env: {
      PATH: "/usr/bin:/bin",
      HOME: folder,
      PODIUM_CONFIG: join(folder, "config.json"),
      PODIUM_URL: stack.hubUrl,
      PODIUM_TOKEN: person.token,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let shown = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    const reader = follower.stdout.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      shown += decoder.decode(part.value, { stream: true });
  })();
  const complained = new Response(follower.stderr).text();
  for (const line of [50, 250]) {
    await waitFor(`line ${line}`, 60_000, async () => (shown.includes(`line ${line}\n`) ? true : null));
    const before = stack.pids()["hub"] ?? 0;
    process.kill(before, "SIGKILL");
    await waitFor("another hub", 30_000, async () =>
      (stack.pids()["hub"] ?? before) !== before ? true : null,
    );
  }
  expect([await follower.exited, (await complained).includes("Error")]).toEqual([0, false]);
  await reading;
  const wanted = Array.from({ length: LINES }, (_, n) => `line ${n}`);
  expect(shown.trimEnd().split("\n")).toEqual(wanted);
  expect(await logOf(person, session.id)).toEqual(wanted);
}, 180_000);
