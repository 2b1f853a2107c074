import { expect, test } from "bun:test";
import { compareArgs, parseArgs } from "./args.ts";

test("arguments are read the ways people write them", () => {
  const options = parseArgs([
    "films.csv",
    "--lr",
    "0.1",
    "--depth=3",
    "--shuffle",
    "--shift",
    "-0.5",
    "-v",
    "--tag",
    "a",
    "--tag",
    "b",
    "out",
  ]);
  expect([...options]).toEqual([
    ["#1", "films.csv"],
    ["--lr", "0.1"],
    ["--depth", "3"],
    ["--shuffle", "yes"],
    ["--shift", "-0.5"],
    ["-v", "yes"],
    ["--tag", "a, b"],
    ["#2", "out"],
  ]);
});

test("what differs between sessions comes first", () => {
  const rows = compareArgs([
    ["--epochs", "5", "--lr", "0.1"],
    ["--lr=0.2", "--epochs=5", "--shuffle"],
  ]);
  expect(rows).toEqual([
    { name: "--lr", values: ["0.1", "0.2"], differs: true },
    { name: "--shuffle", values: [null, "yes"], differs: true },
    { name: "--epochs", values: ["5", "5"], differs: false },
  ]);
});

test("a single session has nothing that differs", () => {
  expect(compareArgs([["--lr", "1"]])).toEqual([{ name: "--lr", values: ["1"], differs: false }]);
  expect(compareArgs([])).toEqual([]);
});
