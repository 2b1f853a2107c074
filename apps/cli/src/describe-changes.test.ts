import { expect, test } from "bun:test";
import { describeChanges } from "./describe-changes.ts";

test("a change is a line; of texts the lines that went and came", () => {
  const changes = [
    { path: "title", before: "A", after: "B" },
    { path: "rounds.one.limits.credits", after: 5 },
    { path: "pages.rules.content", before: "old\nlines", after: "new" },
  ];
  expect(describeChanges(changes)).toBe(
    [
      "title: A → B",
      "rounds.one.limits.credits: (nothing) → 5",
      "pages.rules.content:",
      "  - old",
      "  - lines",
      "  + new",
    ].join("\n"),
  );
});

test("an organizer's text can't steer a reader's terminal", () => {
  expect(describeChanges([{ path: "title", before: "A", after: "\u001b]0;x\u0007B" }])).toBe("title: A → B");
});
