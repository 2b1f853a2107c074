import { expect, test } from "bun:test";
import {
  formatBytes,
  formatCredits,
  parseBytes,
  parseCredits,
  parseDuration,
  parseGpus,
} from "./quantities.ts";

test.each([
  ["512M", 536_870_912],
  ["1.5G", 1_610_612_736],
  ["2GiB", 2_147_483_648],
  ["1000", 1000],
])("%s of memory", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(["3X", "", "-1M", "M"])("%p is no size", (text) => {
  expect(() => parseBytes(text)).toThrow("512M");
});

test.each([
  ["100", 100_000_000],
  ["0.5", 500_000],
  ["0.000001", 1],
])("%s credits are exact", (text, microcredits) => {
  expect(parseCredits(text)).toBe(microcredits);
  expect(formatCredits(microcredits)).toBe(text);
});

test("credits below zero keep their sign", () => {
  expect(formatCredits(-12_500)).toBe("-0.0125");
});

test.each(["-1", "1e3", "0.0000001", "ten"])("%p is no amount of credits", (text) => {
  expect(() => parseCredits(text)).toThrow("number of credits");
});

test("durations are said with a unit", () => {
  expect(parseDuration("2h")).toBe(7_200_000);
  expect(() => parseDuration("2")).toThrow("90s, 10m");
});

test("sizes are shown with one digit after the point at most", () => {
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(["0 B", "1023 B", "1.5 KiB", "5.0 GiB"]);
});

test.each([
  ["0", 0, 1000],
  ["2", 2, 1000],
  ["1.0", 1, 1000],
  ["0.5", 1, 500],
  ["0.125", 1, 125],
])("%s GPUs", (text, gpus, milli) => {
  expect(parseGpus(text)).toEqual({ gpus, milli });
});

test.each(["1.5", "0.0005", "-1", "half", "", "1e2"])("%p is no number of GPUs", (text) => {
  expect(() => parseGpus(text)).toThrow("share of one");
});
