import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { type Person, signUp } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), "podium-rehearse-"));
let stack: Stack;
let organizer: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(root, "data"), durable: false });
  organizer = await signUp(stack.hubUrl, "organizer");
}, 90_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

const YAML = `version: 1
name: films
title: Guess the rating
metric: {name: mse}
rounds:
  - name: one
    train: train
    inputs: in
    labels: truth/labels.csv
    target_field: rating
    closes_at: 2140-01-01T00:00:00Z
`;

async function rehearse(yaml: string, labels = "id,rating\n1,1\n2,2\n") {
  const folder = mkdtempSync(join(root, "bundle-"));
  const files = {
    "competition.yaml": yaml,
    "train/train.csv": "id,x,rating\n9,1,1\n",
    "in/inputs.csv": "id,x\n1,1\n2,2\n",
    "truth/labels.csv": labels,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const person = { url: stack.hubUrl, token: organizer.token, home: join(root, "home") };
  return podium(["competition", "rehearse", folder], person).done;
}

test("a good contest is a GO that says what was not rehearsed, and leaves nothing on the hub", async () => {
  const { code, output } = await rehearse(YAML);
  expect(output).toContain("GO, as far as it was checked");
  expect(output).not.toContain("NO-GO");
  expect(output).toContain("Nothing was submitted");
  expect(output).toMatch(/clock of the hub +good/);
  expect(code).toBe(0);
  const params = { path: { name: "films" } };
  expect((await organizer.api.GET("/api/v1/competitions/{name}", { params })).response.status).toBe(404);
});

test("broken data and a round that is over are each a NO-GO that says what to do", async () => {
  const data = await rehearse(YAML, "id,rating\n1,1\n");
  expect(data.output).toMatch(/definition 9:\d+ +wrong/);
  expect(data.output).toContain("NO-GO");
  expect(data.code).toBe(1);
  const late = await rehearse(YAML.replace("2140", "2020"));
  expect(late.output).toContain("is over: move it");
  expect(late.output).toContain("NO-GO");
  expect(late.code).toBe(1);
});
