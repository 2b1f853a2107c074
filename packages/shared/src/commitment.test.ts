import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { commitmentHash } from "./commitment.ts";

const parts = { labels_tree: "a".repeat(64), scorer_tree: null, scorer_version: "v:1", nonce: "n" };
const hash = (change: object = {}) => commitmentHash({ ...parts, ...change }, createHash);

test("a commitment is the SHA-256 of five lines, as anybody can work it out in a shell", () => {
  const text = `podium-commitment-1\n${parts.labels_tree}\n\nv:1\nn\n`;
  expect(hash()).toBe(createHash("sha256").update(text).digest("hex"));
});

test("it is another one when any part is", () => {
  const others = [
    {},
    { labels_tree: "b".repeat(64) },
    { scorer_tree: "c".repeat(64) },
    { scorer_version: "v:2" },
    { nonce: "m" },
  ];
  expect(new Set(others.map(hash)).size).toBe(others.length);
});
