import { expect, test } from "bun:test";
import { readFilter } from "./filter.ts";

test("an address names what is listed", () => {
  expect(readFilter(new URLSearchParams("state=running&team=ada&name=ada/films/3"))).toEqual({
    state: "running",
    team: "ada",
    name: "ada/films/3",
  });
});

test("an address with states that don't exist lists all", () => {
  expect(readFilter(new URLSearchParams("state=melting&kind=&other=1"))).toEqual({});
});
