import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, logOf, type Person, run, signUp, waitFor } from "./lib/person.ts";
import { type Command, peakMemoryBytes, podium } from "./lib/podium-command.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Far below what is moved: memory is flat. How low it is on an idle machine, the bench measures (`bench/data.ts`). */
const MOST_MEMORY = 512 * MIB;

setDefaultTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), "podium-data-"));
let stack: Stack;
let person: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(root, "data"), durable: false });
  person = await signUp(stack.hubUrl);
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

const dataset = (...args: string[]): Command =>
  podium(["dataset", ...args], { url: stack.hubUrl, token: person.token, home: join(root, "home") });

/** Runs it to its end, which must be a good one. */
async function succeeds(command: Command) {
  const result = await command.done;
  if (result.code !== 0) throw new Error(result.output);
  return result;
}

const hubPeak = () => peakMemoryBytes(stack.pids()["hub"] ?? 0);

/** A folder of small files, all of them different; the same every time. */
function smallFiles(name: string, count: number): string {
  const folder = join(root, name);
  for (let index = 0; index < count; index++) {
    if (index % 1000 === 0) mkdirSync(join(folder, String(index / 1000)), { recursive: true });
    const file = openSync(join(folder, String(Math.floor(index / 1000)), `f${index}`), "w");
    writeSync(file, `${name} ${index} `.padEnd(1024 + (index % 1024), "."));
    closeSync(file);
  }
  return folder;
}

test("100,000 small files are pushed in bounded memory; pushed again nothing is sent; a session mounts them", async () => {
  const folder = smallFiles("many", 100_000);
  const first = await succeeds(dataset("push", "many", folder));
  expect(first.output).toMatch(/many@1: 100000 files, 146 MiB \(146 MiB sent\)/);
  expect(first.peakBytes).toBeLessThan(MOST_MEMORY);
  expect(hubPeak()).toBeLessThan(MOST_MEMORY);
  expect((await succeeds(dataset("push", "many", folder))).output).toContain("(0 B sent)");

  const script = `import os
path = os.environ["PODIUM_DATASET_PATH"]
print(sum(len(files) for _, _, files in os.walk(path)), open(path + "/99/f99999").read()[:10])`;
  const session = await run(person, stack.hubUrl, script, { datasets: ["many"] });
  expect(await ended(person, session.id, 120_000)).toMatchObject({ state: "succeeded" });
  expect(await logOf(person, session.id)).toEqual(["100000 many 99999"]);
  expect(peakMemoryBytes(stack.pids()["runner"] ?? 0)).toBeLessThan(MOST_MEMORY);
  rmSync(folder, { recursive: true });
});

test("a file of 4 GiB goes up in flat memory; of a changed one only the changed chunk goes", async () => {
  const folder = join(root, "large");
  mkdirSync(folder);
  const file = openSync(join(folder, "model.bin"), "w");
  ftruncateSync(file, 4 * GIB);
  writeSync(file, "the beginning", 0);
  const first = await succeeds(dataset("push", "large", folder));
  // All chunks but the first are the same zeros: one of them is sent.
  expect(first.output).toContain("1 file, 4.0 GiB (16.0 MiB sent)");
  expect(first.peakBytes).toBeLessThan(MOST_MEMORY);
  expect(hubPeak()).toBeLessThan(MOST_MEMORY);

  writeSync(file, "the middle", 2 * GIB);
  closeSync(file);
  expect((await succeeds(dataset("push", "large", folder))).output).toContain("(8.0 MiB sent)");
  rmSync(folder, { recursive: true });
});

/** A file whose chunks all differ; not random, so that a failure can be looked into. */
function distinctChunks(path: string, bytes: number, salt = "") {
  const file = openSync(path, "w");
  const block = Buffer.alloc(MIB);
  for (let at = 0; at < bytes; at += MIB) {
    block.fill(createHash("sha256").update(`${salt}${at}`).digest());
    writeSync(file, block);
  }
  closeSync(file);
}

test("a push killed in its middle and run again sends only the rest, and the same of a pull", async () => {
  const folder = join(root, "killed");
  mkdirSync(folder);
  distinctChunks(join(folder, "large.bin"), 256 * MIB);
  const stored = () => bytesIn(join(root, "data/blobs"));
  const before = stored();
  const push = dataset("push", "killed", folder);
  await waitFor("some chunks", 60_000, async () => (stored() > before + 40 * MIB ? true : null));
  push.kill("SIGKILL");
  await push.done;
  const { output } = await succeeds(dataset("push", "killed", folder));
  const sent = Number(/\(([\d.]+) MiB sent\)/.exec(output)?.[1]);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThanOrEqual(256 - 24);

  const target = join(root, "pulled");
  const pull = dataset("pull", "killed", target);
  await waitFor("a part of the file", 60_000, async () => (bytesIn(target) > 24 * MIB ? true : null));
  pull.kill("SIGKILL");
  await pull.done;
  const [partial = ""] = readdirSync(join(target, ".podium-pull")).filter((name) => name !== "tree");
  const { ino } = statSync(join(target, ".podium-pull", partial));
  await succeeds(dataset("pull", "killed", target));
  // The very file that the first pull has begun.
  expect(statSync(join(target, "large.bin")).ino).toBe(ino);
  expect(readdirSync(target)).toEqual(["large.bin"]);
  expect(Bun.spawnSync(["cmp", join(folder, "large.bin"), join(target, "large.bin")]).exitCode).toBe(0);
  await Promise.all([folder, target].map((path) => rm(path, { recursive: true })));
});

test("a push goes on when the hub is killed in its middle", async () => {
  const folder = join(root, "restarted");
  mkdirSync(folder);
  distinctChunks(join(folder, "large.bin"), 192 * MIB, "restarted");
  appendFileSync(join(folder, "large.bin"), "and a little more");
  const before = bytesIn(join(root, "data/blobs"));
  const push = dataset("push", "restarted", folder);
  await waitFor("some chunks", 60_000, async () =>
    bytesIn(join(root, "data/blobs")) > before + 16 * MIB ? true : null,
  );
  process.kill(stack.pids()["hub"] ?? 0, "SIGKILL");
  const { code, output } = await push.done;
  expect({ code, output }).toMatchObject({ code: 0 });
  const target = join(root, "restarted-pulled");
  await succeeds(dataset("pull", "restarted", target));
  expect(Bun.spawnSync(["cmp", join(folder, "large.bin"), join(target, "large.bin")]).exitCode).toBe(0);
});

/** Bytes of all files below a folder that is being written to. */
function bytesIn(folder: string): number {
  const found = Bun.spawnSync(["du", "-sb", folder]);
  return Number(/^\d+/.exec(found.stdout.toString())?.[0] ?? 0);
}
