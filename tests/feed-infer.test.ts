import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { logIn, must, type Person, push, signUp, waitFor } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(180_000);

const root = mkdtempSync(join(tmpdir(), "podium-feed-"));
let stack: Stack;
let organizer: Person;
let player: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(root, "data"), fresh: true, processes: ["hub", "runner"] });
  organizer = await logIn(stack.hubUrl, stack.admin);
  player = await signUp(stack.hubUrl, "player");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

/** A contest as those of NSML were: inputs of no table, which its own module hands to `infer`, and a scorer of lines. */
const FILES = {
  "competition.yaml": `version: 1
name: echo
title: Say it twice
metric: {name: custom, order: descending}
scorer: {program: scorer, convention: nsml}
rounds:
  - name: one
    train: train
    inputs: inputs
    labels: labels/test_label
    target_field: text
    accepts: [code]
`,
  "train/words.txt": "la\n",
  "inputs/data_loader.py": `import os
from nsml import DATASET_PATH

def feed_infer(output_file, infer_func):
    said = infer_func(os.path.join(DATASET_PATH, "test", "test_data"))
    with open(output_file, "w") as file:
        file.writelines(f"{text}\\n" for text in said)
`,
  "inputs/test/test_data/words.txt": "da\nbum\nla\n",
  "labels/test_label": "dada\nbumbum\nlala\n",
  "scorer/evaluation.py": `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--prediction")
parser.add_argument("--test_label_path")
args = parser.parse_args()
said, right = (open(path).read().split() for path in (args.prediction, args.test_label_path))
print(sum(a == b for a, b in zip(said, right)) / len(right))
`,
};
/** It also looks for the labels, and would be right with them. */
const MODEL = `import os, nsml

def infer(folder):
    words = open(os.path.join(folder, "words.txt")).read().split()
    known = [name for _, _, names in os.walk(os.path.dirname(os.path.dirname(folder))) for name in names]
    assert "test_label" not in known, known
    return [word * 2 if word != "bum" else "wrong" for word in words]

nsml.bind(infer=infer)
nsml.paused()
`;

test("the organizer's data_loader feeds infer with inputs of any shape, and its scorer reads what that wrote", async () => {
  const folder = mkdtempSync(join(root, "bundle-"));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const person = { url: stack.hubUrl, token: organizer.token, home: join(root, "home") };
  const created = await podium(["competition", "create", folder], person).done;
  expect({ code: created.code, output: created.output }).toMatchObject({ code: 0 });
  const params = { path: { name: "echo" } };
  must(await player.api.POST("/api/v1/competitions/{name}/entrants", { params, body: {} }));
  const tree_id = await push(player, stack.hubUrl, { "main.py": MODEL });
  const body = { kind: "code", tree_id } as never;
  const { id } = must(await player.api.POST("/api/v1/competitions/{name}/submissions", { params, body }));
  const ended = await waitFor("its end", 120_000, async () => {
    const shown = must(await player.api.GET("/api/v1/submissions/{id}", { params: { path: { id } } }));
    return shown.state === "scored" || shown.state === "failed" ? shown : null;
  });
  expect(ended).toMatchObject({ failure: null, state: "scored" });
  expect(ended.score).toBeCloseTo(2 / 3);
});
