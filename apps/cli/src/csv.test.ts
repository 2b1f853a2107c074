import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { csvOf } from "./csv.ts";
import { readTable } from "./read-table.ts";
import { temporaryFolders } from "./testing/folders.ts";

const folder = temporaryFolders("csv");

test.each([
  "=1+1",
  '=HYPERLINK("http://x","y")',
  "+1",
  "-1+cmd|' /C calc'!A0",
  "@SUM(A1)",
  "\t=1",
  "  =1",
  "\r=1",
  "|calc",
  "%0A=1",
  "＝1+1",
  "\u200b=1",
])("text that a spreadsheet would run begins with an apostrophe: %j", (text) => {
  const [, line = ""] = csvOf(["memo"], [[text]]).split(/\r\n(?=.)/);
  expect(line.replace(/^"/, "").startsWith("'")).toBe(true);
});

test("numbers are themselves, the negative and the smallest ones too", () => {
  expect(csvOf(["a", "b", "c"], [[-1.5, 5e-324, null]])).toBe("a,b,c\r\n-1.5,5e-324,\r\n");
});

test("quotes, commas and line ends come back as they were", () => {
  const path = join(folder(), "table.csv");
  const cells = ['say "no", twice', "two\nlines", "plain"];
  writeFileSync(path, csvOf(["a", "b", "c"], [cells]));
  expect(Object.values(readTable(path).rows[0]?.values ?? {})).toEqual(cells);
});
