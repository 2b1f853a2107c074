import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { columnMetricSchema, columnSchema, roundDefinitionSchema } from "@podium/shared";
import { checkRoundTables } from "./check-round-tables.ts";
import { temporaryFolders } from "./testing/folders.ts";

const newFolder = temporaryFolders("round");

const RIGHT = {
  "train/train.csv": "id,title,rating\n0,Alien,8\n",
  "inputs/inputs.csv": 'id,title\n1,"Jaws, the ""shark"" one"\n2,"two\nlines"\n',
  "labels/labels.csv": "id,rating\r\n2,7.5\r\n1,8\r\n",
};

function check(
  files: Partial<typeof RIGHT> & Record<string, string> = {},
  round = {},
  metric: Record<string, unknown> = { name: "mse" },
  columns: Record<string, unknown>[] = [],
) {
  const folder = newFolder();
  for (const [name, text] of Object.entries({ ...RIGHT, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const definition = roundDefinitionSchema.parse({
    name: "one",
    train: "train",
    inputs: "inputs",
    labels: "labels/labels.csv",
    target_field: "rating",
    ...round,
  });
  const scoring = {
    metric: columnMetricSchema.parse(metric),
    columns: columns.map((column) => columnSchema.parse(column)),
  };
  return checkRoundTables(folder, definition, scoring);
}

test("tables that fit have no problem: quotes, line ends and the order of the rows don't matter", () => {
  expect(check()).toEqual([]);
});

test("JSON lines fit CSV: ids are compared as they are written", () => {
  const labels = '{"id":1,"rating":8}\n{"id":"2","rating":7.5}\n';
  expect(check({ "l.jsonl": labels }, { labels: "l.jsonl" })).toEqual([]);
});

describe("what would fail every submission is found before anything is sent", () => {
  const cases: [string, Parameters<typeof check>, { field: string; message: string }][] = [
    [
      "a target that no column has",
      [{}, { target_field: "ratting" }],
      { field: "target_field", message: 'labels/labels.csv has no column "ratting"; it has: id, rating' },
    ],
    [
      "an id that no column has",
      [{ "inputs/inputs.csv": "nr,title\n1,Jaws\n2,Alien\n" }],
      { field: "id_field", message: 'inputs/inputs.csv has no column "id"; it has: nr, title' },
    ],
    [
      "inputs without a label",
      [{ "labels/labels.csv": "id,rating\n1,8\n" }],
      { field: "labels", message: 'labels/labels.csv has no row for the id "2" of inputs/inputs.csv' },
    ],
    [
      "labels without an input",
      [{ "labels/labels.csv": "id,rating\n1,8\n2,7\n3,1\n4,1\n5,1\n6,1\n" }],
      {
        field: "inputs",
        message: 'inputs/inputs.csv has no row for the ids "3", "4", "5" and 1 more of labels/labels.csv',
      },
    ],
    [
      "an id that is there twice",
      [{ "labels/labels.csv": "id,rating\n1,8\n2,7\n1,1\n" }],
      { field: "labels", message: 'labels/labels.csv: line 4 has the id "1" of line 2 again' },
    ],
    [
      "a target that is no number",
      [{ "labels/labels.csv": "id,rating\n1,8\n2,good\n" }],
      { field: "labels", message: 'labels/labels.csv: line 3: "rating" is "good", and mse takes numbers' },
    ],
    [
      "a target that is empty",
      [{ "labels/labels.csv": "id,rating\n1,8\n2,\n" }],
      { field: "labels", message: 'labels/labels.csv: line 3: "rating" is empty' },
    ],
    [
      "a table without rows",
      [{ "labels/labels.csv": "id,rating\n" }],
      { field: "labels", message: "labels/labels.csv has no rows" },
    ],
    [
      "a row with a cell too many",
      [{ "inputs/inputs.csv": "id,title\n1,Jaws\n2,Alien,1979\n" }],
      { field: "inputs", message: "inputs/inputs.csv: line 3 has 3 cells, the header has 2" },
    ],
    [
      "a quote that is not closed",
      [{ "inputs/inputs.csv": 'id,title\n1,"Jaws\n' }],
      {
        field: "inputs",
        message: "inputs/inputs.csv: line 2 has a quote inside a cell, or one that is not closed",
      },
    ],
    [
      "inputs that show the target",
      [{ "inputs/inputs.csv": "id,rating\n1,8\n2,7\n" }],
      {
        field: "inputs",
        message: 'inputs/inputs.csv has the column "rating": models would see the answers',
      },
    ],
    [
      "labels among the training data",
      [{}, { train: "labels" }],
      { field: "train", message: "labels holds the labels (labels/labels.csv): entrants would see them" },
    ],
    [
      "inputs among the training data",
      [{}, { train: "inputs" }],
      { field: "train", message: "inputs holds the inputs (inputs): entrants would see them" },
    ],
  ];
  test.each(cases)("%s", (_, given, problem) => {
    expect(check(...given)).toEqual([problem] as ReturnType<typeof check>);
  });
});

test("classes may be texts", () => {
  const labels = { "labels/labels.csv": "id,rating\n1,rain\n2,sun\n" };
  expect(check(labels, {}, { name: "accuracy" })).toEqual([]);
});

const SAMPLE = {
  "sample/s.csv": "id,title\n7,Alien\n",
  "sample.csv": "id,rating\n7,1\n",
};
const sample = { inputs: "sample", labels: "sample.csv" };

test("a sample, a split and further columns that fit have no problem", () => {
  const files = {
    ...SAMPLE,
    "labels/labels.csv": "id,rating,usage,w\n1,8,public,1\n2,7,private,0\n",
    "sample.csv": "id,rating,usage,w\n7,1,public,1\n",
  };
  const columns = [{ key: "mae", metric: { name: "mae", weight_field: "w" } }];
  expect(check(files, { sample, split: { field: "usage" } }, undefined, columns)).toEqual([]);
});

test.each([
  [
    "a sample with hidden ids",
    [{ ...SAMPLE, "sample/s.csv": "id,title\n1,Alien\n", "sample.csv": "id,rating\n1,8\n" }, { sample }],
    'sample.csv has the id "1" of the hidden labels/labels.csv: everybody would see them',
  ],
  [
    "a sample that holds the labels",
    [SAMPLE, { sample: { inputs: "labels", labels: "sample.csv" } }],
    "labels holds the labels (labels/labels.csv): everybody would see them",
  ],
  [
    "a sample whose files don't fit one another",
    [{ ...SAMPLE, "sample.csv": "id,rating\n8,8\n" }, { sample }],
    'sample.csv has no row for the id "7" of sample/s.csv',
  ],
  [
    "a split by a column that isn't there",
    [{}, { split: { field: "usage" } }],
    'labels/labels.csv has no column "usage"; it has: id, rating',
  ],
  [
    "a split that leaves nothing private",
    [{ "labels/labels.csv": "id,rating,u\n1,8,public\n2,7,public\n" }, { split: { field: "u" } }],
    'labels/labels.csv: every row has "public" in "u"; it holds: public',
  ],
  [
    "weights that are none",
    [{ "labels/labels.csv": "id,rating,w\n1,8,1\n2,7,-1\n" }, {}, { name: "mse", weight_field: "w" }],
    'labels/labels.csv: line 3: "w" is "-1": a weight is a number from 0 on',
  ],
  [
    "a label that no class is",
    [{}, {}, { name: "log_loss", classes: ["8", "9"] }],
    'labels/labels.csv: line 2: "rating" is "7.5", which is none of the classes',
  ],
] as [string, Parameters<typeof check>, string][])("%s is found", (_, given, message) => {
  expect(check(...given).map((problem) => problem.message)).toContain(message);
});

test("what a further column lacks is told at that column", () => {
  const columns = [{ key: "mae", metric: { name: "mae", target_field: "stars" } }];
  expect(check({}, {}, undefined, columns)).toMatchObject([
    { path: ["columns", 0, "metric", "target_field"], message: expect.stringContaining('no column "stars"') },
  ]);
});

test("labels that are no text are left to the hub", () => {
  expect(check({ "l.parquet": "PAR1" }, { labels: "l.parquet" })).toEqual([]);
});

test("every line that is wrong is told, of many the first ten and how many more there are", () => {
  const labels = "id,rating\n1,good\n1,\n,7\n2,bad\n2,8\n";
  expect(check({ "labels/labels.csv": labels }).map(({ message }) => message)).toEqual([
    'labels/labels.csv: line 2: "rating" is "good", and mse takes numbers',
    'labels/labels.csv: line 3: "rating" is empty',
    'labels/labels.csv: line 5: "rating" is "bad", and mse takes numbers',
    'labels/labels.csv: line 4 has no "id"',
    'labels/labels.csv: line 3 has the id "1" of line 2 again',
    'labels/labels.csv: line 6 has the id "2" of line 5 again',
    'inputs/inputs.csv has no row for the id "" of labels/labels.csv',
  ]);
  const rows = (text: (n: number) => string) => Array.from({ length: 14 }, (_, n) => text(n)).join("");
  const many = check({
    "labels/labels.csv": `id,rating\n${rows((n) => `${n},x\n`)}`,
    "inputs/inputs.csv": `id,t\n${rows((n) => `${n},t\n`)}`,
  });
  expect(many).toHaveLength(11);
  expect(many.at(-1)?.message).toBe("labels/labels.csv: 4 more of its lines are wrong in the same way");
});

test("malformed lines of both tables are told together", () => {
  const found = check({ "inputs/inputs.csv": "id,t\n1\n2,a,b\n", "labels/labels.csv": "id,rating\n1\n" });
  expect(found.map(({ message }) => message)).toEqual([
    "inputs/inputs.csv: line 2 has 1 cells, the header has 2; line 3 has 3 cells, the header has 2",
    "labels/labels.csv: line 2 has 1 cells, the header has 2",
  ]);
});

test("labels that several folders show are told for each of them", () => {
  const found = check(
    { "train/labels.csv": RIGHT["labels/labels.csv"] },
    { labels: "train/labels.csv", inputs: "train" },
  );
  expect(found.map(({ field }) => field)).toEqual(["train", "inputs", "train"]);
});
