import { expect, test } from "bun:test";
import { drawLine } from "./braille.ts";

const line = (...ys: number[]) => ys.map((y, x) => ({ x, y }));

test("a rising line goes from the lower left to the upper right, whatever order it came in", () => {
  const rising = line(0, 1, 2, 3, 4, 5);
  const size = { columns: 3, rows: 2 };
  expect(drawLine(rising, size)).toEqual(["⠀⢀⠎", "⡠⠃⠀"]);
  expect(drawLine(rising.toReversed(), size)).toEqual(["⠀⢀⠎", "⡠⠃⠀"]);
});

test("one value, and many of the same, are drawn in the middle", () => {
  expect(drawLine(line(7), { columns: 2, rows: 1 })).toEqual(["⠀⠂"]);
  expect(drawLine(line(7, 7, 7), { columns: 2, rows: 1 })).toEqual(["⠒⠒"]);
});

test("the largest numbers have a range, and a hundred thousand points are drawn", () => {
  const ends = drawLine(line(-Number.MAX_VALUE, Number.MAX_VALUE), { columns: 1, rows: 1 });
  expect(ends).toEqual(["⡜"]);
  const many = Array.from({ length: 100_000 }, (_, x) => ({ x, y: Math.sin(x / 9000) }));
  expect(drawLine(many, { columns: 40, rows: 6 })).toHaveLength(6);
});
