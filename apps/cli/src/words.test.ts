import { expect, test } from "bun:test";
import { joinWords, splitWords } from "./words.ts";

test.each([
  ["--epochs 10 --lr 0.1", ["--epochs", "10", "--lr", "0.1"]],
  ["  spaced   out  ", ["spaced", "out"]],
  [`--name "two words" 'and "quoted"'`, ["--name", "two words", 'and "quoted"']],
  [`glued"to"'gether'`, ["gluedtogether"]],
  [`a\\ b "c\\"d" ''`, ["a b", 'c"d', ""]],
  ["", []],
])("%p is split as a shell would", (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test.each(["an 'open quote", 'an "open quote', "a backslash\\"])("%p is refused", (text) => {
  expect(() => splitWords(text)).toThrow("left open");
});

test("a shown command line splits back into the same words", () => {
  const words = ["--a", "two words", "it's", "", "$HOME", "*"];
  expect(splitWords(joinWords(words))).toEqual(words);
});
