import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBundle } from "./competition-bundle.ts";
import { CliError } from "./errors.ts";
import { temporaryFolders } from "./testing/folders.ts";

const newFolder = temporaryFolders("bundle");

const RIGHT = `version: 1
name: films
title: Films
metric:
  name: mse
rounds:
  - name: one
    train: train
    inputs: inputs
    labels: labels.csv
    target_field: rating
`;

function bundle(yaml: string): string {
  const folder = newFolder();
  for (const name of ["train", "inputs"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "inputs/inputs.csv"), "id\n1\n");
  writeFileSync(join(folder, "labels.csv"), "id,rating\n1,2\n");
  writeFileSync(join(folder, "competition.yaml"), yaml);
  return folder;
}

function refusalOf(yaml: string): string {
  try {
    readBundle(bundle(yaml));
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
  return "not refused";
}

test("a right competition is read, with what it leaves out filled in", () => {
  const definition = readBundle(bundle(RIGHT));
  expect(definition.name).toBe("films");
  expect(definition.rounds[0]?.survivors).toEqual({ all: true });
});

test("every wrong field is shown at once, each with its line and column", () => {
  const refusal = refusalOf(RIGHT.replace("name: films", "name: Films!").replace("name: mse", "name: msee"));
  expect(refusal).toContain("2 problems");
  expect(refusal).toMatch(/competition\.yaml:2:1: name: must be 1–64 lower-case letters/);
  expect(refusal).toMatch(/competition\.yaml:5:3: metric\.name: /);
});

test("a misspelled field is shown where it stands, a missing one where it belongs", () => {
  const refusal = refusalOf(RIGHT.replace("target_field", "target_feild"));
  expect(refusal).toMatch(/competition\.yaml:11:5: rounds\.0\.target_feild: is not a field here/);
  expect(refusal).toMatch(/competition\.yaml:7:5: rounds\.0\.target_field: /);
});

test("a file that is not YAML is shown at the place where it breaks", () => {
  expect(refusalOf(`${RIGHT}\tmore: 1\n`)).toMatch(/competition\.yaml:12:1: /);
});

test("an unknown rule for survivors says which there are", () => {
  const refusal = refusalOf(`${RIGHT}    survivors: {best: 3}\n`);
  expect(refusal).toMatch(/competition\.yaml:12:5: rounds\.0\.survivors: must be \{share: 0\.5\}/);
});

test("a folder or file that is not there is shown at the line that names it", () => {
  const refusal = refusalOf(
    RIGHT.replace("labels: labels.csv", "labels: answers.csv").replace("train: train", "train: trains"),
  );
  expect(refusal).toMatch(/competition\.yaml:8:5: rounds\.0\.train: there is no folder trains/);
  expect(refusal).toMatch(/competition\.yaml:10:5: rounds\.0\.labels: there is no file answers\.csv/);
});

test("inputs must be exactly one table", () => {
  const folder = bundle(RIGHT);
  writeFileSync(join(folder, "inputs/more.jsonl"), "{}\n");
  expect(() => readBundle(folder)).toThrow("must hold one .csv or .jsonl file; it holds 2");
});

test("a folder without competition.yaml says so", () => {
  expect(() => readBundle(newFolder())).toThrow("competition.yaml does not exist");
});

const TEXTS = `${RIGHT}pages:
  - {name: rules, title: Rules, file: rules.md}
terms: {content: Be fair.}
`;

test("texts are read from their files, and say still which those were", () => {
  const folder = bundle(TEXTS);
  writeFileSync(join(folder, "rules.md"), "# Rules\n");
  expect(readBundle(folder)).toMatchObject({
    pages: [{ name: "rules", title: "Rules", file: "rules.md", content: "# Rules\n" }],
    terms: { content: "Be fair." },
  });
});

test.each([
  ["that is not there", TEXTS, /:13:33: pages\.0\.file: there is no file rules\.md/],
  ["that leads out", TEXTS.replace("rules.md", "link.md"), /link\.md is a link that leads outside/],
  ["that is no text", TEXTS.replace("rules.md", "bytes.md"), /bytes\.md is not text in UTF-8/],
  [
    "beside a text",
    TEXTS.replace("file: rules.md", "file: x.md, content: y"),
    /has both `file` and `content`/,
  ],
])("a text %s is told at its line", (_, yaml, message) => {
  const folder = bundle(yaml);
  symlinkSync("/etc/hostname", join(folder, "link.md"));
  writeFileSync(join(folder, "bytes.md"), new Uint8Array([0xff, 0xfe, 0x00]));
  expect(() => readBundle(folder)).toThrow(message);
});

test("a scorer of the organizer's own takes labels of any kind; its folder must be there", () => {
  const yaml = RIGHT.replace("labels: labels.csv", "labels: truth\n    accepts: [predictions]").concat(
    "scorer: {program: scorer, convention: codabench}\n",
  );
  const folder = bundle(yaml);
  mkdirSync(join(folder, "truth"));
  expect(() => readBundle(folder)).toThrow("scorer.program: there is no folder scorer");
  mkdirSync(join(folder, "scorer"));
  expect(readBundle(folder).scorer).toMatchObject({ timeout: "10m" });
});

test("tags are refused: what they make may run code", () => {
  expect(refusalOf(RIGHT.replace("title: Films", "title: !!python/object/new:os.system [ls]"))).toMatch(
    /competition\.yaml:3:8: the tag !!python\/object\/new:os\.system would have a Python object made/,
  );
});
