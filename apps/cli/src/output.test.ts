import { expect, test } from "bun:test";
import { printable, table } from "./output.ts";

test("a log line keeps its colours and loses what would drive the terminal", () => {
  expect(printable("\u001b[31mred\u001b[0m \u001b]0;title\u0007\u001b[2Jgone\r\u0007!")).toBe(
    "\u001b[31mred\u001b[0m gone!",
  );
});

test("columns are as wide as their widest cell, wide characters counted as two", () => {
  const rows = [
    { name: "映画", score: 1 },
    { name: "a", score: 10 },
  ];
  const text = table(
    rows,
    [
      { title: "NAME", value: (row) => row.name },
      { title: "N", value: (row) => row.score, right: true },
    ],
    "none",
  );
  expect(text).toBe("NAME   N\n映画   1\na     10");
});

test("an empty list is said in words", () => {
  expect(table([], [{ title: "NAME", value: () => "" }], "No sessions.")).toBe("No sessions.");
});
