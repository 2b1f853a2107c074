import { expect, test } from "bun:test";
import { matchPath, queryString } from "./match.ts";

test("a pattern names the parts of an address", () => {
  expect(matchPath("/competitions/:name", "/competitions/movie-score")).toEqual({ name: "movie-score" });
  expect(matchPath("/competitions/:name/rounds/:round", "/competitions/a/rounds/one/")).toEqual({
    name: "a",
    round: "one",
  });
  expect(matchPath("/", "/")).toEqual({});
});

test("a shorter or longer address does not fit", () => {
  expect(matchPath("/sessions/:id", "/sessions")).toBeNull();
  expect(matchPath("/sessions/:id", "/sessions/ses_1/logs")).toBeNull();
  expect(matchPath("/sessions", "/nodes")).toBeNull();
});

test("escaped characters are read, broken escapes are kept as they are", () => {
  expect(matchPath("/sessions/:id", "/sessions/a%2Fb")).toEqual({ id: "a/b" });
  expect(matchPath("/sessions/:id", "/sessions/100%")).toEqual({ id: "100%" });
});

test("the rest of a path keeps its slashes", () => {
  expect(matchPath("/by-name/*name", "/by-name/alpha/films/3")).toEqual({ name: "alpha/films/3" });
});

test("filters without a value leave no trace in the address", () => {
  expect(queryString({ state: "running", team: undefined, name: "" })).toBe("?state=running");
  expect(queryString({ state: undefined })).toBe("");
});
