import { expect, test } from "bun:test";
import { storable, storableJson } from "./storable.ts";

test("text that the database could not hold is made fit, all other text stays", () => {
  expect(storable("a\u0000b\ud800c")).toBe("a\ufffdb\ufffdc");
  expect(storable("Grüße 😀\n")).toBe("Grüße 😀\n");
});

test("so are the texts and names in a JSON value, however deep", () => {
  const value = { "a\u0000": [1, null, true, { b: "\udc00" }], c: "d" };
  expect(storableJson(value)).toEqual({ "a\ufffd": [1, null, true, { b: "\ufffd" }], c: "d" } as never);
});
