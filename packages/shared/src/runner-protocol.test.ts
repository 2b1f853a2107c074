import { describe, expect, test } from "bun:test";
import { type TreeEntry, treeEntrySchema } from "./data.ts";
import { postRecordsSchema } from "./runner-protocol.ts";

const AT = "2026-01-01T00:00:00Z";
const entry = (path: unknown, more: object = {}) => ({
  ...{ path, sha256: "a".repeat(64), size: 1, mode: 0o644 },
  ...more,
});
const posted = (type: "checkpoint" | "output", entries: unknown) => ({
  epoch: 1,
  records: [
    { type, seq: 1, at: AT, entries, ...(type === "checkpoint" ? { name: "best", metrics: {} } : {}) },
  ],
});

const GOOD = ["a", "b/c", "..a", "a..", "b/.hidden", "…", "é/ü", "a b", "日本/語", "x".repeat(255), "~"];
const BAD = [
  ...["", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "../a", "a/../b", "a\\b", "a\nb", "a\0b", "\x7f"],
  ...["e\u0301", "\ud800", "x".repeat(256), `${"x/".repeat(600)}x`, "é".repeat(128), 7, null, undefined],
];

for (const type of ["checkpoint", "output"] as const)
  describe(`the files of ${type === "output" ? "an output" : "a checkpoint"}`, () => {
    test("are taken as they are, whatever is in their paths that a tree may have", () => {
      const entries = GOOD.map((path) => entry(path)) as TreeEntry[];
      const [record] = postRecordsSchema.parse(posted(type, entries)).records;
      if (record?.type !== type) throw new Error("It is another record.");
      // The very objects: tens of thousands of them are not made anew.
      record.entries.forEach((each, index) => void expect(each).toBe(entries[index] as TreeEntry));
    });

    test("are refused with their place when a path is none of a tree, as a tree's are", () => {
      for (const path of BAD) {
        expect(treeEntrySchema.safeParse(entry(path)).success).toBe(false);
        const { error } = postRecordsSchema.safeParse(posted(type, [entry("fine"), entry(path)]));
        expect(error?.issues[0]?.path).toEqual(["records", 0, "entries", 1, "path"]);
      }
    });

    test("are refused when they are no files, are there twice, or are file and folder at once", () => {
      const odd = [
        { size: -1 },
        { size: 0.5 },
        { size: 2 ** 60 },
        { mode: 0o777 },
        { sha256: "A".repeat(64) },
      ];
      for (const more of [...odd, { more: 1 }])
        expect(postRecordsSchema.safeParse(posted(type, [entry("a", more)])).success).toBe(false);
      for (const entries of [[null], ["a"], [[]], {}, "a", undefined])
        expect(postRecordsSchema.safeParse(posted(type, entries)).success).toBe(false);
      for (const paths of [
        ["a", "a"],
        ["a", "a/b"],
      ]) {
        const { error } = postRecordsSchema.safeParse(
          posted(
            type,
            paths.map((path) => entry(path)),
          ),
        );
        expect(error?.issues[0]?.message).toMatch(/there twice|both a file and a folder/);
      }
    });
  });
