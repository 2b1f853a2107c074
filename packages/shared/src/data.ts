import { z } from "zod";
import { slugSchema } from "./slug.ts";

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits of a SHA-256");

/** Longest name of a file or folder that common file systems take, bytes of UTF-8. */
const MAX_NAME_BYTES = 255;

const MAX_PATH_LENGTH = 1024;

/** A path inside a tree: relative, `/` between names, no `.` or `..`, no empty or control-character names. */
export const treePathSchema = z
  .string()
  .min(1)
  .max(MAX_PATH_LENGTH)
  .refine((path) => path.normalize("NFC") === path, { message: "must be in Unicode form NFC" })
  .refine(
    (path) =>
      !/[\p{Cc}\p{Cs}\\]/u.test(path) && path.split("/").every((p) => p !== "" && p !== "." && p !== ".."),
    {
      message: "must be a relative path without empty, '.' or '..' parts, control characters or backslashes",
    },
  )
  .refine((path) => path.split("/").every((p) => new TextEncoder().encode(p).byteLength <= MAX_NAME_BYTES), {
    message: `may have at most ${MAX_NAME_BYTES} bytes between two slashes`,
  });

/** One file of a tree. `mode` is 0o644 or 0o755: nothing else about a file's permissions travels. */
export const treeEntrySchema = z
  .strictObject({
    path: treePathSchema,
    sha256: sha256Schema,
    size: z.number().int().nonnegative().describe("bytes"),
    mode: z.union([z.literal(0o644), z.literal(0o755)]),
  })
  .meta({ id: "TreeEntry" });
export type TreeEntry = z.infer<typeof treeEntrySchema>;

export const MAX_TREE_ENTRIES = 200_000;

/** So many problems of a manifest are named; a tree of 100,000 files may have as many. */
const MAX_ISSUES = 20;

/**
 * The entries of a tree: each path once, no file where another entry has a folder. Checked by hand and taken as they
 * are: of 100,000 entries zod would make 100,000 copies. What looks odd is shown to `treeEntrySchema`, for its words.
 */
export const treeManifestSchema = z
  .custom<TreeEntry[]>((value) => Array.isArray(value), "must be a list of files")
  .superRefine((entries, context) => {
    if (!Array.isArray(entries)) return;
    for (const { path, message } of problemsOf(entries)) context.addIssue({ code: "custom", path, message });
  })
  .meta({
    type: "array",
    maxItems: MAX_TREE_ENTRIES,
    items: { $ref: "#/components/schemas/TreeEntry" },
  });

type Problem = { path: (string | number)[]; message: string };

function problemsOf(entries: readonly TreeEntry[]): Problem[] {
  if (entries.length > MAX_TREE_ENTRIES)
    return [{ path: [], message: `may have at most ${MAX_TREE_ENTRIES} files` }];
  const problems: Problem[] = [];
  for (let index = 0; index < entries.length && problems.length < MAX_ISSUES; index++) {
    if (isPlain(entries[index])) continue;
    for (const { path, message } of treeEntrySchema.safeParse(entries[index]).error?.issues ?? [])
      problems.push({
        path: [index, ...path.map((part) => (typeof part === "number" ? part : String(part)))],
        message,
      });
  }
  return problems.length > 0 ? problems : clashesOf(entries);
}

/** True for an entry that certainly fits `treeEntrySchema`. */
function isPlain(entry: unknown): boolean {
  if (typeof entry !== "object" || entry === null || Object.keys(entry).length !== 4) return false;
  const { path, sha256, size, mode } = entry as Record<keyof TreeEntry, unknown>;
  return (
    typeof path === "string" &&
    path.length <= MAX_NAME_BYTES &&
    /^[\x20-\x5b\x5d-\x7e]+$/.test(path) &&
    !/(^|\/)\.{0,2}(\/|$)/.test(path) &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof size === "number" &&
    Number.isSafeInteger(size) &&
    size >= 0 &&
    (mode === 0o644 || mode === 0o755)
  );
}

function clashesOf(entries: readonly TreeEntry[]): Problem[] {
  const problems: Problem[] = [];
  const paths = new Set<string>();
  for (const { path } of entries) {
    if (paths.has(path)) problems.push({ path: [], message: `"${path}" is there twice` });
    paths.add(path);
  }
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
      if (paths.has(folder)) problems.push({ path: [], message: `"${folder}" is both a file and a folder` });
    }
  }
  return problems.slice(0, MAX_ISSUES);
}

export const treeSchema = z
  .object({
    id: sha256Schema.describe("SHA-256 of the canonical manifest"),
    size: z.number().int().describe("bytes of all files"),
    entries: z.array(treeEntrySchema),
  })
  .meta({ id: "Tree" });
export type Tree = z.infer<typeof treeSchema>;

/** The text whose SHA-256 names a tree: one `mode sha256 size path` line an entry, in path order. */
export function canonicalManifest(entries: readonly TreeEntry[]): string {
  return [...entries]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(manifestLine)
    .join("");
}

/** An entry's line in the canonical manifest. */
export function manifestLine({ mode, sha256, size, path }: TreeEntry): string {
  return `${mode.toString(8)} ${sha256} ${size} ${path}\n`;
}

/** The entries of whole lines of a canonical manifest. */
export function* parseManifest(manifest: string): Generator<TreeEntry> {
  for (let at = 0; at < manifest.length; ) {
    const end = manifest.indexOf("\n", at);
    const line = manifest.slice(at, end);
    const path = line.indexOf(" ", 69);
    yield {
      path: line.slice(path + 1),
      sha256: line.slice(4, 68),
      size: Number(line.slice(69, path)),
      mode: line.startsWith("755") ? 0o755 : 0o644,
    };
    at = end + 1;
  }
}

export const missingBlobsSchema = z.strictObject({
  team: slugSchema.optional(),
  sha256: z.array(sha256Schema).max(10_000),
});

/** All files of a tree; or with `base` those that are another in it, or new, and the paths that it has no more. */
export const createTreeSchema = z
  .strictObject({
    team: slugSchema.optional(),
    entries: treeManifestSchema,
    base: sha256Schema.optional().describe("a tree that the team has pushed, from which this one differs"),
    removed: z
      .array(z.string().max(MAX_PATH_LENGTH))
      .max(MAX_TREE_ENTRIES)
      .optional()
      .describe("paths of `base` that this tree does not have"),
  })
  .superRefine(({ base, removed = [], entries }, context) => {
    const refuse = (message: string) => context.addIssue({ code: "custom", path: ["removed"], message });
    if (base === undefined && removed.length > 0) refuse("needs the `base` from which it is removed");
    const gone = new Set(removed);
    if (gone.size < removed.length) refuse("has a path twice");
    // Zod comes here also when the entries are none.
    const listed: (TreeEntry | null)[] = gone.size > 0 && Array.isArray(entries) ? entries : [];
    const both = listed.find((entry) => entry && gone.has(entry.path));
    if (both) refuse(`"${both.path}" is also among the entries`);
  });
