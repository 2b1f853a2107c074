import { expect, test } from "bun:test";
import { countRows } from "./count-rows.ts";

const count = (text: string) => countRows(Buffer.from(text));

test("a list has as many rows as elements, anything else is one", () => {
  const cases: [string, number][] = [
    ["[1,2,3]", 3],
    [' \n[{"a":[1,2,3],"b":{"c":1,"d":2}}, [4,5], "x,y"]', 3],
    ['["a\\",b", "\\\\", 3]', 3],
    ['{"a":[1,2,3]}', 1],
    ['"[1,2"', 1],
    ["7", 1],
    ["[]", 1],
    ["", 1],
    ["[", 1],
    ['["never ended', 1],
    ["[1,2]]],,,", 2],
  ];
  for (const [text, rows] of cases) expect([text, count(text)]).toEqual([text, rows]);
});

test("of a long list the number is near what it is", () => {
  for (const rows of [1_000, 50_000]) {
    const text = JSON.stringify(
      Array.from({ length: rows }, (_, n) => ({ title: `row ${n}`, tags: [n, n] })),
    );
    expect(Math.abs(count(text) / rows - 1)).toBeLessThan(0.2);
  }
});
