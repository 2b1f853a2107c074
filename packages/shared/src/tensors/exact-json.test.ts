import { expect, test } from "bun:test";
import { parseExact, stringifyExact } from "./exact-json.ts";

test("integers that a double can't hold come through unchanged; everything else as JSON.parse has it", () => {
  const text =
    '{"a":[9223372036854775807,-9223372036854775808,18446744073709551615,9007199254740993],"b":1.5,"c":"9223372036854775807"}';
  expect(parseExact(text)).toEqual({
    a: [9223372036854775807n, -9223372036854775808n, 18446744073709551615n, 9007199254740993n],
    b: 1.5,
    c: "9223372036854775807",
  });
  expect(stringifyExact(parseExact(text))).toBe(text);
  for (const alone of [
    "9223372036854775807",
    "-9223372036854775807",
    "[9223372036854775807]",
    '{"a": 9223372036854775807}',
    "\n9223372036854775807",
  ]) {
    expect(stringifyExact(parseExact(alone))).toBe(alone.replaceAll(/\s/g, ""));
  }
});

test("long fractions and exponents stay numbers", () => {
  const numbers = ["0.12345678901234567", "1e300", "12345678901234567.5", "-0"];
  expect(parseExact(`[${numbers}]`)).toEqual(numbers.map(Number));
});

test("what is not JSON is refused on both ways, however deep", () => {
  for (const text of [
    "",
    "{",
    "[9223372036854775807",
    "[".repeat(1_000_000),
    `[9223372036854775807,${"[".repeat(1_000_000)}`,
  ]) {
    expect(() => parseExact(text)).toThrow();
  }
});
