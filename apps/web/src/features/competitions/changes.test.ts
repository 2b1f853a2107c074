import { expect, test } from "bun:test";
import { changesOf } from "./changes.ts";

test("values are shown as texts, and nothing for what came or went", () => {
  const changes = [
    { path: "title", before: "A", after: "B" },
    { path: "rounds.one.limits.credits", after: 5 },
    { path: "rounds.one.survivors", before: { top: 3 } },
  ];
  expect(changesOf({ details: { version: 2, changes } })).toEqual([
    { path: "title", before: "A", after: "B" },
    { path: "rounds.one.limits.credits", before: "", after: "5" },
    { path: "rounds.one.survivors", before: '{"top":3}', after: "" },
  ]);
});

test("details of other deeds show nothing", () => {
  for (const details of [{}, { changes: "x" }, { changes: [null, 1, { path: 2 }] }])
    expect(changesOf({ details })).toEqual([]);
});
