import { expect, test } from "bun:test";
import { newKeyOf } from "./new-key-of.ts";

function formOf(entries: [string, string][]): FormData {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  return form;
}

test("what is left empty limits nothing", () => {
  const empty = ["versions", "days", "rate", "day", "month"].map((name): [string, string] => [name, ""]);
  expect(newKeyOf(formOf([["name", " shop "], ...empty]))).toEqual({ name: "shop" });
});

test("what is filled in is sent as numbers, and a rate lets at least one call pass at once", () => {
  expect(
    newKeyOf(
      formOf([
        ["name", "shop"],
        ["scope", "infer"],
        ["scope", "jobs"],
        ["versions", "1, 3"],
        ["days", "30"],
        ["rate", "0.5"],
        ["day", "1000"],
        ["month", "20000"],
      ]),
    ),
  ).toEqual({
    name: "shop",
    scopes: ["infer", "jobs"],
    versions: [1, 3],
    expires_in_days: 30,
    rate: { per_second: 0.5, burst: 1 },
    calls_per_day: 1000,
    calls_per_month: 20_000,
  });
});
