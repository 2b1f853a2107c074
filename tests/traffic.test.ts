import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSteadyCalls } from "../apps/inference-gateway/src/testing/steady-calls.ts";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, must, type Person, run, signUp, waitFor } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(300_000);

const NAME = "digits";
const WITHIN_MS = 120_000;
/** Saves its argument, and as a model answers with it; "broken" raises. */
const SCRIPT = `
import os, sys, podium
word = sys.argv[1]
def save(path):
    open(os.path.join(path, "word"), "w").write(word)
def load(path):
    global word
    word = open(os.path.join(path, "word")).read()
def infer(rows):
    if word == "broken":
        raise ValueError("this version is broken")
    return [word for _ in rows]
podium.bind(save=save, load=load, infer=infer)
podium.paused()
podium.save("best")
`;
const RESOURCES = { gpus: 0, cpu_milli: 150, memory_bytes: 128 * 1024 ** 2, disk_bytes: 64 * 1024 ** 2 };

const home = mkdtempSync(join(tmpdir(), "podium-traffic-"));
let stack: Stack;
let person: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(home, "data"), fresh: true, env: { PODIUM_CPU_MILLI: "2000" } });
  person = await signUp(stack.hubUrl, "ada");
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** What the command printed; throws when it failed. */
async function command(...args: string[]): Promise<string> {
  const { code, output } = await podium(args, { url: stack.hubUrl, token: person.token, home }).done;
  if (code !== 0) throw new Error(`podium ${args.join(" ")}: ${output}`);
  return output;
}

async function trained(word: string): Promise<string> {
  const { id } = await run(person, stack.hubUrl, SCRIPT, { args: [word], resources: RESOURCES });
  expect((await ended(person, id, WITHIN_MS)).state).toBe("succeeded");
  return id;
}

const params = { path: { name: NAME } };
const endpoint = async () => must(await person.api.GET("/api/v1/endpoints/{name}", { params }));
const rolloutEnds = () =>
  waitFor("the canary's end", WITHIN_MS, async () => {
    const { items } = must(await person.api.GET("/api/v1/endpoints/{name}/rollouts", { params }));
    return items[0]?.ended_at ? items[0] : null;
  });

test("while versions are bound, shifted, taken back and taken off, every call is answered with 200", async () => {
  const body = { name: NAME, public: true, timeout_ms: 10_000 };
  must(await person.api.POST("/api/v1/endpoints", { body: body as never }));
  const [one, two] = [await trained("one"), await trained("two")];
  await command("endpoint", "bind", NAME, one, "best");
  const sent = { path: `/${NAME}`, body: '[{"x": 1}]', everyMs: 20 };
  await waitFor("the first answer", WITHIN_MS, async () => {
    const { status } = await fetch(stack.gatewayUrl + sent.path, { method: "POST", body: sent.body });
    return status === 200 || null;
  });
  const calls = startSteadyCalls(() => stack.gatewayUrl, sent);
  const answersBecome = (word: string) =>
    waitFor(`answers of ${word}`, WITHIN_MS, async () => {
      const from = calls.bodies.length;
      await calls.more(20);
      return calls.bodies.slice(from).every((answer) => answer === `["${word}"]`) || null;
    });

  await command("endpoint", "bind", NAME, two, "best", "--weight", "0");
  const rules = ["--steps", "50,100", "--every", "1s", "--min-calls", "10", "--shadow-first", "5"];
  await command("endpoint", "canary", NAME, "2", ...rules);
  expect(await rolloutEnds()).toMatchObject({ state: "rolled_back", log: expect.anything() });
  expect(await command("endpoint", "canary", NAME)).toContain("0 of");

  // As a shadow it disagreed, as it should: without that rule it is promoted.
  await command("endpoint", "canary", NAME, "2", ...rules.slice(0, -2));
  expect((await rolloutEnds()).state).toBe("promoted");
  await answersBecome("two");
  await command("endpoint", "rollback", NAME);
  await answersBecome("one");
  await command("endpoint", "traffic", NAME, "2=100");
  await answersBecome("two");
  await command("endpoint", "unbind", NAME, "1");
  const old = (await endpoint()).bindings.find(({ version }) => version === 1);
  expect(old?.state).toBe("draining");
  expect((await ended(person, old?.session_id ?? "", WITHIN_MS)).state).toBe("stopped");
  await answersBecome("two");
  await calls.stop();

  expect([...calls.answers.keys()]).toEqual(["200"]);
  expect(calls.bodies.length).toBeGreaterThan(200);
  expect(await command("endpoint", "history", NAME)).toMatch(
    /unbound[\s\S]*rolled back[\s\S]*canary[\s\S]*bound/,
  );
});

test("a version that fails is taken back by itself, and its team reads why", async () => {
  const broken = await trained("broken");
  await command("endpoint", "bind", NAME, broken, "best", "--weight", "0");
  const version = (await endpoint()).bindings.at(-1)?.version ?? 0;
  await command("endpoint", "canary", NAME, String(version), "--steps", "50,100", "--min-calls", "10");
  const sent = { path: `/${NAME}`, body: '[{"x": 1}]', everyMs: 20 };
  const calls = startSteadyCalls(() => stack.gatewayUrl, sent);
  const ends = await rolloutEnds();
  await calls.stop();
  expect([ends.state, ends.log.at(-1)?.text]).toEqual([
    "rolled_back",
    expect.stringMatching(/calls failed.*2=100/),
  ]);
  expect(
    await waitFor("the notification", WITHIN_MS, async () => {
      const { items } = must(await person.api.GET("/api/v1/notifications", {}));
      return items.find(({ kind }) => kind === "rollout.ended")?.text ?? null;
    }),
  ).toContain("was");
});
