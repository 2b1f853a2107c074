import { expect, test } from "bun:test";
import { canonicalManifest, createTreeSchema, parseManifest, type TreeEntry } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { editManifest, PAGE_LENGTH } from "./edit-manifest.ts";

const entry = (path: string, text = path): TreeEntry => ({
  path,
  sha256: sha256(text),
  size: text.length,
  mode: 0o644,
});
/** Cuts a manifest into pages of whole lines, each of at least so many characters. */
function pagesOf(entries: readonly TreeEntry[], length: number): string[] {
  const pages = [""];
  for (const line of canonicalManifest(entries).match(/.*\n/g) ?? []) {
    if ((pages.at(-1) ?? "").length >= length) pages.push("");
    pages[pages.length - 1] += line;
  }
  return pages[0] === "" ? [] : pages;
}
const edit = (old: readonly string[], entries: TreeEntry[], removed: string[] = [], length = 300) =>
  editManifest(
    pagesOf(
      old.map((path) => entry(path)),
      length,
    ),
    { entries, removed },
  );
const pathsOf = ({ pages }: { pages: string[] }) =>
  [...parseManifest(pages.join(""))].map(({ path }) => path);

test("files are replaced, added at their place in the order, and removed", () => {
  const edited = edit(
    ["a", "b", "d/x", "z"],
    [entry("b", "another b"), entry("c", "new"), entry("zz", "")],
    ["d/x"],
  );
  expect(edited).toMatchObject({ files: 1, size: 9 - 1 + 3 - 3, problems: [] });
  expect(pathsOf(edited)).toEqual(["a", "b", "c", "z", "zz"]);
  expect(edited.dropped.sort()).toEqual([sha256("b"), sha256("d/x")].sort());
});

test("an empty manifest can be added to, and a manifest emptied", () => {
  expect(pathsOf(edit([], [entry("b"), entry("a")]))).toEqual(["a", "b"]);
  expect(edit(["a", "b"], [], ["b", "a"])).toMatchObject({ pages: [], files: -2, size: -2 });
});

test("a blob that another file still has is not dropped", () => {
  const old = [entry("a", "same"), entry("b", "same"), entry("c", "moves")];
  const { dropped } = editManifest(pagesOf(old, 100), {
    entries: [entry("b", "other"), entry("d", "moves")],
    removed: ["c"],
  });
  expect(dropped).toEqual([]);
});

test.each([
  ["a removed path that the base doesn't have", ["a"], [], ["b"], 'removed.0: "b" is not in the base tree'],
  [
    "a file where the base has a folder",
    ["a/b"],
    [entry("a")],
    [],
    'entries.0: "a" is both a file and a folder',
  ],
  [
    "a file below one of the base",
    ["a", "b"],
    [entry("a/b/c")],
    [],
    'entries.0: "a" is both a file and a folder',
  ],
  [
    "a file for a folder that goes in part",
    ["a/b", "a/c"],
    [entry("a")],
    ["a/b"],
    'entries.0: "a" is both a file and a folder',
  ],
])("%s is refused", (_what, old, entries, removed, problem) => {
  for (const length of [1, 10_000])
    expect(
      edit(old, entries, removed, length).problems.map(({ path, message }) => `${path}: ${message}`),
    ).toEqual([problem]);
});

test("a folder that goes whole may become a file, over any number of pages; and a file a folder", () => {
  const old = ["a-", ...Array.from({ length: 50 }, (_, n) => `a/${n}`), "a0"];
  expect(pathsOf(edit(old, [entry("a")], old.slice(1, -1), 1))).toEqual(["a", "a-", "a0"]);
  expect(pathsOf(edit(["a", "b"], [entry("a/x")], ["a"], 1))).toEqual(["a/x", "b"]);
});

test("pages neither grow without end nor become crumbs", () => {
  const many = Array.from({ length: 20_000 }, (_, n) => `${n}`.padStart(5, "0"));
  const grown = editManifest([], { entries: many.map((path) => entry(path)), removed: [] });
  expect(grown.pages.length).toBeGreaterThan(2);
  for (const page of grown.pages) expect(page.length).toBeLessThanOrEqual(2 * PAGE_LENGTH);
  const shrunk = editManifest(grown.pages, { entries: [], removed: many.filter((_, n) => n % 10 > 0) });
  expect(shrunk.pages.length).toBe(1);
});

/** The same numbers every time, from 0 up to, not including, `below`. */
function dice(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("whatever changes, the result is the manifest of the whole list, or is refused as that list is", () => {
  const names = ["a", "b", "a-", "a.b", "é", "😀", "a b", "B"];
  let refused = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const roll = dice(seed);
    const path = () => Array.from({ length: 1 + roll(3) }, () => names[roll(names.length)]).join("/");
    const isTree = (entries: readonly TreeEntry[]) => createTreeSchema.safeParse({ entries }).success;
    const before = new Map<string, TreeEntry>();
    for (let n = roll(20); n > 0; n--) {
      const next = entry(path(), `${roll(8)}`);
      if (isTree([...before.values(), next])) before.set(next.path, next);
    }
    const removed = [...before.keys()].filter(() => roll(3) === 0);
    const entries = new Map<string, TreeEntry>();
    for (let n = roll(6); n > 0; n--) {
      const next = entry(path(), `${roll(8)}`);
      if (!removed.includes(next.path) && isTree([...entries.values(), next])) entries.set(next.path, next);
    }
    const after = new Map([...before].filter(([each]) => !removed.includes(each)));
    for (const each of entries.values()) after.set(each.path, each);
    const change = { entries: [...entries.values()], removed };
    const edited = editManifest(pagesOf([...before.values()], 1 + roll(400)), change);
    const whole = [...after.values()];
    expect({ seed, fits: edited.problems.length === 0 }).toEqual({ seed, fits: isTree(whole) });
    if (edited.problems.length > 0) refused += 1;
    else {
      expect(edited.pages.join("")).toBe(canonicalManifest(whole));
      expect(before.size + edited.files).toBe(after.size);
      const shas = new Set(whole.map((each) => each.sha256));
      const dropped = new Set(
        [...before.values()].map((each) => each.sha256).filter((each) => !shas.has(each)),
      );
      expect(edited.dropped.sort()).toEqual([...dropped].sort());
    }
  }
  expect(refused).toBeGreaterThan(50);
});
