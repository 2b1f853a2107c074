import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { roundDefinitionSchema } from "@podium/shared";
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
  metric = "mse" as const,
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
  return checkRoundTables(folder, definition, metric);
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
      [{}, { train: "." }],
      { field: "train", message: ". holds the labels (labels/labels.csv): entrants would see them" },
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
  expect(check(labels, {}, "accuracy" as never)).toEqual([]);
});
