import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { seeded } from "../../apps/hub/src/testing/random.ts";
import { testImage } from "../../apps/node-runner/src/testing/docker.ts";
import { logIn, must, type Person, signUp, waitFor } from "../lib/person.ts";
import { leftBehind, wrongInBooks } from "./aftermath.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { serveModel } from "./model.ts";
import { begin, faultsOf, type Kind, pauseLater, pushCode, stopLater, type Work } from "./work.ts";

const SESSIONS = 50;
const CREDITS = 1_000_000_000;
/** The longest pause between two kills. */
const PAUSE_MS = 4_000;
const CLEARED_WITHIN_MS = 60_000;

const seed = Number(process.env["PODIUM_FAULT_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const random = seeded(seed);
const folder = mkdtempSync(join(tmpdir(), "podium-storm-"));
chmodSync(folder, 0o711);
let cluster: Cluster;
let person: Person;
let admin: Person;
let sql: SQL;

beforeAll(async () => {
  console.error(
    `The storm's seed is ${seed}: PODIUM_FAULT_SEED=${seed} npm test -- tests/faults/storm.test.ts`,
  );
  cluster = await startCluster(folder);
  const { hubUrl, databaseUrl } = cluster.stack;
  sql = new SQL(databaseUrl);
  admin = await logIn(hubUrl, cluster.stack.admin);
  person = await signUp(hubUrl);
  const prices = { gpu_minute: 1_000_000, gpu_minute_by_model: {}, cpu_minute: 600_000 };
  must(
    await admin.api.PUT("/api/v1/credits/prices", { body: { ...prices, thousand_calls: 0, gib_month: 0 } }),
  );
  must(
    await admin.api.POST("/api/v1/credits/grants", {
      body: { team: person.team, amount: CREDITS, memo: "" },
    }),
  );
}, 180_000);

afterAll(async () => {
  await sql?.close();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** How ten sessions end. */
const KINDS: readonly Kind[] = [
  ...(["succeeds", "succeeds", "fails", "succeeds", "is stopped"] as const),
  ...(["succeeds", "is resumed", "succeeds", "fails", "is stopped"] as const),
];

test(`${SESSIONS} sessions end as they should, whatever is killed in their middle`, async () => {
  const image = cluster.docker ? await testImage(cluster.docker.host) : null;
  const code = await pushCode(person, cluster.stack.hubUrl);
  const model = await serveModel(cluster, admin, person, code);
  const wishes = Array.from({ length: SESSIONS }, (_, index) => ({
    kind: KINDS[index % KINDS.length] ?? "succeeds",
    lines: 20 + random.int(30),
    gpus: index % 4 === 1 ? 1 : 0,
    image: index % 4 === 3 ? image : null,
    afterLines: 3 + random.int(15),
  }));
  const all: Work[] = [];
  const later: Promise<void>[] = [];
  const more = async (count: number) => {
    for (const wish of wishes.slice(all.length, all.length + count)) {
      const work = await begin(person, code, wish);
      all.push(work);
      if (work.kind === "is stopped") later.push(stopLater(person, work, wish.afterLines));
      if (work.kind === "is resumed") later.push(pauseLater(person, work, wish.afterLines));
    }
  };
  await more(SESSIONS / 2);
  const storm = strike();
  await model.submit();
  await more(SESSIONS / 2);
  await Promise.all([storm, ...later]);

  const faults = [];
  for (const work of all) faults.push(...(await faultsOf(person, work)));
  expect([...faults, ...(await model.faults())]).toEqual([]);
  const isCleared = async () => (leftBehind(cluster).length === 0 ? true : null);
  await waitFor("the end of all that ran", CLEARED_WITHIN_MS, isCleared).catch(() => undefined);
  expect(leftBehind(cluster)).toEqual([]);
  expect(await wrongInBooks(sql)).toEqual([]);
}, 420_000);

/** Kills everything once, in an order and at moments that the seed decides. */
async function strike(): Promise<void> {
  for (const victim of random.shuffle(cluster.victims)) {
    const pauseMs = 500 + random.int(PAUSE_MS);
    await Bun.sleep(pauseMs);
    await cluster.kill(victim);
    console.error(`after ${pauseMs} ms: kill -9 of ${victim}`);
  }
}
