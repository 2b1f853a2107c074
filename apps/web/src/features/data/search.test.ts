import { expect, test } from "bun:test";
import { readSearch, readVersions } from "./search.ts";

const query = (text: string) => new URLSearchParams(text);

test("a search is read from the address; an order that doesn't exist is left out", () => {
  expect(readSearch(query("q=films&tag=text&sort=size"))).toEqual({ q: "films", tag: "text", sort: "size" });
  expect(readSearch(query("q=&sort=weight"))).toEqual({});
});

test("without being asked the newest version is compared with the one before it", () => {
  expect(readVersions(query(""), [5, 3, 2])).toEqual({ from: 3, to: 5 });
  expect(readVersions(query("to=3"), [5, 3, 2])).toEqual({ from: 2, to: 3 });
  expect(readVersions(query("from=2"), [5, 3, 2])).toEqual({ from: 2, to: 5 });
});

test("versions that were removed, and odd ones, are left out; one version has nothing to be compared with", () => {
  expect(readVersions(query("from=4&to=1e9"), [5, 3, 2])).toEqual({ from: 3, to: 5 });
  expect(readVersions(query(""), [5])).toBeNull();
  expect(readVersions(query(""), [])).toBeNull();
});

test("the oldest version is compared with a newer one rather than with itself", () => {
  expect(readVersions(query("to=2"), [5, 3, 2])).toEqual({ from: 3, to: 2 });
});
