import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { testIf } from "../scripts/testing/requires.ts";
import { logIn, must, type Person } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(300_000);

const root = mkdtempSync(join(tmpdir(), "podium-rehearse-"));
chmodSync(root, 0o711);
let stack: Stack;
let organizer: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(root, "data"), fresh: true, processes: ["hub", "runner"] });
  organizer = await logIn(stack.hubUrl, stack.admin);
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

const ROUND = (name: string, more = "") => `
  - name: ${name}
    train: train
    inputs: in
    labels: truth/labels.csv
    target_field: rating
    closes_at: 2140-01-01T00:00:00Z
    limits: {per_day: 9, file_bytes: 1048576, infer_timeout: 20s}${more}`;
const YAML = (rounds: string, metric = "{name: mse}") => `version: 1
name: films
title: Guess the rating
metric: ${metric}
rounds:${rounds}
`;
const ONE = YAML(ROUND("one"));

interface Rehearsed {
  go: boolean;
  checks: { what: string; result: string; detail: string }[];
}

async function rehearse(yaml: string, args: string[] = [], more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(root, "bundle-"));
  const files = {
    "competition.yaml": yaml,
    "train/train.csv": "id,x,rating\n9,1,1\n",
    "in/inputs.csv": "id,x\ncafé-1,1\n2,2\n3,3\n",
    "truth/labels.csv": "id,rating\ncafé-1,1\n2,2\n3,4\n",
    ...more,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const person = { url: stack.hubUrl, token: organizer.token, home: join(root, "home") };
  const { code, output } = await podium(["competition", "rehearse", folder, ...args], person).done;
  const found = () => JSON.parse(output) as Rehearsed;
  const results = () => Object.fromEntries(found().checks.map(({ what, result }) => [what, result]));
  const detailOf = (what: string) => found().checks.find((check) => check.what === what)?.detail;
  return { code, output, results, detailOf };
}

/** Names of what a rehearsal could leave behind. */
async function left(): Promise<string[]> {
  const competitions = must(await organizer.api.GET("/api/v1/competitions", {})).items;
  const datasets = must(await organizer.api.GET("/api/v1/datasets", {})).items;
  return [...competitions, ...datasets].map(({ name }) => name);
}

test("without submissions it looks at folder and times, and says what it did not do", async () => {
  const { code, output } = await rehearse(ONE, ["--no-submit"]);
  expect(output).toMatch(/clock of the hub +ok/);
  expect(output).toContain("Nothing was submitted");
  expect(output).toContain("\nGO");
  expect(code).toBe(0);
});

test("broken data and a round that is over are each a NO-GO that says what to do, before anything is sent", async () => {
  const data = await rehearse(ONE, [], { "truth/labels.csv": "id,rating\ncafé-1,1\n" });
  expect(data.output).toMatch(/definition \d+:\d+ +NO/);
  expect(data.output).toContain("NO-GO");
  expect(data.code).toBe(1);
  const late = await rehearse(ONE.replace("2140", "2020"), ["--no-submit"]);
  expect(late.output).toContain("is over: move it");
  expect(late.code).toBe(1);
});

test("a good contest of two rounds is played to its end: scores, hostile files, limits, survivors; nothing is left", async () => {
  const rounds =
    ROUND("one", "\n    survivors: {score: 0.5}\n    accepts: [predictions]") +
    ROUND("two", "\n    accepts: [predictions]").replace("2140", "2141");
  const { code, results, detailOf } = await rehearse(YAML(rounds), ["--json"]);
  const found = results();
  expect([
    ...Object.entries(found).filter(([, result]) => result !== "good"),
    detailOf("the rehearsal"),
  ]).toEqual([undefined]);
  for (const round of ["one", "two"])
    for (const what of [
      "data",
      "the same answer for every row",
      "the labels as predictions",
      "an empty file",
      "a file without rows",
      "other columns",
      "a missing row",
      "an id twice",
      "an unknown id",
      "an id in another Unicode form",
      "NaN for a number",
      "inf for a number",
      "1e999 for a number",
      "a million columns",
      "an array of Python objects (a pickle)",
      "a pickle called .csv",
      "a small file that unpacks to more than file_bytes",
      "a file of more than file_bytes",
      "limit of submissions",
      "board and survivors",
    ])
      expect(found[`${round}: ${what}`]).toBe("good");
  expect(detailOf("one: the labels as predictions")).toBe("score 0");
  expect(detailOf("one: the same answer for every row")).toBe("score 7");
  expect(detailOf("one: limit of submissions")).toContain("submission 10 is refused");
  expect(detailOf("one: an id in another Unicode form")).toContain("Unicode form");
  expect(detailOf("one: board and survivors")).toContain("has entered two");
  expect(code).toBe(0);
  expect(await left()).toEqual([]);
});

test("a survivor rule out of reach, a metric in the wrong direction and a file that fails are each a NO-GO", async () => {
  const files = "\n    accepts: [predictions]";
  const rounds =
    ROUND("one", `\n    survivors: {score: -1}${files}`) + ROUND("two", files).replace("2140", "2141");
  const mine = join(root, "mine.csv");
  writeFileSync(mine, "id,rating\n2,2\n");
  const { code, results, detailOf } = await rehearse(YAML(rounds), ["--json", "--submission", mine]);
  expect(results()[`one: ${mine}`]).toBe("wrong");
  expect(detailOf(`one: ${mine}`)).toContain("invalid_predictions");
  expect(results()["one: board and survivors"]).toBe("wrong");
  expect(results()["two: data"]).toBeUndefined();
  expect(code).toBe(1);
  expect(await left()).toEqual([]);
});

testIf(
  "bubblewrap",
  "models of both kinds are run over the inputs, get at nothing, and one that hangs is stopped",
  async () => {
    const { code, output, results, detailOf } = await rehearse(
      YAML(ROUND("one", "\n    accepts: [code, checkpoint]")),
      ["--json"],
    );
    expect(output).not.toContain('"wrong"');
    const found = results();
    for (const kind of ["code", "checkpoint"]) {
      expect(detailOf(`one: a model, as ${kind}`)).toBe("score 7");
      expect(found[`one: a model, as ${kind}: isolation`]).toBe("good");
    }
    expect(found["one: a model, as code, that never ends"]).toBe("good");
    expect(code).toBe(0);
    expect(await left()).toEqual([]);
    expect(must(await organizer.api.GET("/api/v1/sessions", {})).items).toEqual([]);
  },
);

const SCORER = `import argparse, csv
parser = argparse.ArgumentParser()
parser.add_argument("--prediction")
parser.add_argument("--test_label_path")
args = parser.parse_args()
said, right = (
    {row["id"]: float(row["rating"]) for row in csv.DictReader(open(path))}
    for path in (args.prediction, args.test_label_path)
)
print(sum(abs(said.get(key, 0) - value) for key, value in right.items()))
`;

test("with a scorer of the organizer's own its program is run on good and careless files, and what it lets pass is doubtful", async () => {
  const yaml = YAML(
    ROUND("one", "\n    accepts: [predictions]"),
    "{name: custom, order: ascending}\nscorer: {program: scorer, convention: nsml}",
  );
  const { code, output, results, detailOf } = await rehearse(yaml, ["--json"], {
    "scorer/evaluation.py": SCORER,
  });
  expect(output).toContain('"go":true');
  expect(detailOf("one: the labels as predictions")).toBe("score 0");
  expect(detailOf("one: the same answer for every row")).toBe("score 7");
  expect(results()["one: a missing row"]).toBe("doubtful");
  expect(results()["one: NaN for a value"]).toBe("good");
  expect(detailOf("one: NaN for a value")).toContain("ends with an error");
  expect(results()["one: limit of submissions"]).toBe("good");
  expect(code).toBe(0);
  expect(await left()).toEqual([]);
});

const OWN = (scorer: string) =>
  YAML(
    ROUND("one", "\n    accepts: [predictions]"),
    `{name: custom, order: ascending}\nscorer: {program: scorer, convention: nsml, ${scorer}}`,
  );

test("a scorer that hangs, takes too much memory, or prints no number is a NO-GO that says which", async () => {
  for (const [limits, script, words] of [
    ["timeout: 5s", "import time\ntime.sleep(600)", "does not end within its time limit (5 s)"],
    [
      "memory_bytes: 134217728",
      "import time\nblocks = []\nwhile True: blocks.append(bytearray(32 * 1024 ** 2)); time.sleep(0.2)",
      "takes too much memory",
    ],
    ["timeout: 1m", "print('well done')", "is no number"],
  ] as const) {
    const { code, results, detailOf } = await rehearse(OWN(limits), ["--json"], {
      "scorer/evaluation.py": script,
    });
    const what = "one: the same answer for every row";
    expect([results()[what], detailOf(what)]).toEqual(["wrong", expect.stringContaining(words)]);
    // Every other file would take as long, and say the same.
    expect(results()["one: a missing row"]).toBeUndefined();
    expect(code).toBe(1);
  }
  expect(await left()).toEqual([]);
});

const INGESTION = `import csv, sys
from pathlib import Path
given, out, code = map(Path, sys.argv[1:])
sys.path.insert(0, str(code))
from model import predict
with open(next(given.rglob("*.csv"))) as rows, open(out / "predictions.csv", "w") as answers:
    print("id,prediction", file=answers)
    for row in csv.DictReader(rows):
        print(f"{row['id']},{predict(row)}", file=answers)
`;

testIf(
  "bubblewrap",
  "code is run by the contest's ingestion program: the organizer's own must get a score, what does nothing must end",
  async () => {
    const yaml = YAML(ROUND("one", "\n    accepts: [code]"), "{name: mse}\ningestion: {program: ingestion}");
    const files = {
      "ingestion/metadata.yaml": "command: python3 $program/run.py $input $output $submission_program\n",
      "ingestion/run.py": INGESTION,
    };
    const mine = join(root, "my-code");
    mkdirSync(mine);
    writeFileSync(join(mine, "model.py"), "def predict(row):\n    return 1\n");
    const { code, output, results, detailOf } = await rehearse(yaml, ["--json", "--code", mine], files);
    const nothing = "one: code that does nothing, by the ingestion program";
    expect([results()[`one: ${mine}, by the ingestion program`], output]).toEqual([
      "good",
      expect.anything(),
    ]);
    expect(results()[nothing]).toBe("good");
    expect(detailOf(nothing)).toContain("refused:");
    expect(code).toBe(0);
    const broken = { ...files, "ingestion/run.py": "raise SystemExit('broken')\n" };
    const second = await rehearse(yaml, ["--json", "--code", mine], broken);
    expect(second.results()[`one: ${mine}, by the ingestion program`]).toBe("wrong");
    expect(second.code).toBe(1);
    expect(await left()).toEqual([]);
  },
);
