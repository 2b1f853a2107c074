import { describe, expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { sampleArguments } from "./sample.ts";

const space = {
  "--optimizer": { choice: ["sgd", "adam", 3] },
  "--dropout": { uniform: [0.1, 0.5] as [number, number] },
  "--lr": { log_uniform: [1e-4, 1e-1] as [number, number] },
};
const column = (draws: string[][], option: string) => draws.map((args) => args[args.indexOf(option) + 1]);

test("the same seed draws the same arguments; another seed draws others", () => {
  expect(sampleArguments(space, 20, 7)).toEqual(sampleArguments(space, 20, 7));
  expect(sampleArguments(space, 20, 7)).not.toEqual(sampleArguments(space, 20, 8));
  expect(sampleArguments(space, 5, 7)).toEqual(sampleArguments(space, 20, 7).slice(0, 5));
});

test("every draw names every option once", () => {
  for (const args of sampleArguments(space, 10, 1))
    expect(args.filter((_, index) => index % 2 === 0)).toEqual(["--optimizer", "--dropout", "--lr"]);
});

test("a choice draws each of its values, and nothing else", () => {
  const drawn = column(sampleArguments(space, 300, 3), "--optimizer");
  expect(new Set(drawn)).toEqual(new Set(["sgd", "adam", "3"]));
});

test("uniform draws stay within their bounds and fill them evenly", () => {
  const drawn = column(sampleArguments(space, 1000, 4), "--dropout").map(Number);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.1);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(0.5);
  expect(drawn.filter((value) => value < 0.3).length / 1000).toBeCloseTo(0.5, 1);
});

test("log-uniform draws give every power of ten the same share", () => {
  const drawn = column(sampleArguments(space, 1500, 5), "--lr").map(Number);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1e-4);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(1e-1);
  for (const low of [1e-4, 1e-3, 1e-2]) {
    const share = drawn.filter((value) => value >= low && value < 10 * low).length / 1500;
    expect(share).toBeCloseTo(1 / 3, 1);
  }
});

describe("a space that can't be drawn from is refused with the reason", () => {
  const errorsOf = (bad: unknown) => {
    const { error } = createStudySchema.shape.space.safeParse(bad);
    return error?.issues.map((issue) => issue.message).join("; ") ?? "accepted";
  };
  test.each([
    ["no option at all", {}, "at least one option"],
    ["an option without a dash", { lr: { choice: [1] } }, "such as --lr"],
    ["an empty choice", { "--lr": { choice: [] } }, "at least one value"],
    ["bounds the wrong way round", { "--lr": { uniform: [1, 0] } }, "smaller bound first"],
    ["bounds too far apart to draw from", { "--lr": { uniform: [-1e308, 1e308] } }, "smaller bound first"],
    ["a log-uniform from 0", { "--lr": { log_uniform: [0, 1] } }, "above 0"],
    ["an unknown kind", { "--lr": { normal: [0, 1] } }, "must be {choice"],
  ])("%s", (_, bad, reason) => {
    expect(errorsOf(bad)).toContain(reason);
  });
  test("the spaces above are fine", () => expect(errorsOf(space)).toBe("accepted"));
});
