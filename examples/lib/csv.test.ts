import { expect, test } from "bun:test";
import { parseCsv, toCsv } from "./csv.ts";

test("cells with commas, quotes and line breaks come back as they were; null becomes empty", () => {
  const rows = [
    { id: "1", title: 'The "Naked" Gun, 2½', note: null },
    { id: "2", title: "two\nlines", note: "" },
  ];
  const text = toCsv(["id", "title", "note"], rows);
  expect(text.split("\n")[0]).toBe("id,title,note");
  expect(parseCsv(text)).toEqual([
    { id: "1", title: 'The "Naked" Gun, 2½', note: "" },
    { id: "2", title: "two\nlines", note: "" },
  ]);
});

test("a file with Windows line ends and without one at the end is read", () => {
  expect(parseCsv("a,b\r\n1,\r\n,2")).toEqual([
    { a: "1", b: "" },
    { a: "", b: "2" },
  ]);
});
