import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ZipEntry, zipOf } from "../testing/zip.ts";
import { unzip, ZIP_LIMITS } from "./unzip.ts";

const root = mkdtempSync(join(tmpdir(), "podium-zip-"));
let count = 0;

async function unpack(entries: readonly ZipEntry[], limits = ZIP_LIMITS): Promise<string> {
  const at = join(root, String(++count));
  writeFileSync(`${at}.zip`, zipOf(entries));
  await unzip(`${at}.zip`, at, limits);
  return at;
}

test("files come out as they went in, programs as programs", async () => {
  const at = await unpack([
    { name: "data/", mode: 0o040755 },
    { name: "data/a.csv", text: "id\n1\n" },
    { name: "run.sh", text: "#!/bin/sh\n", mode: 0o100755 },
  ]);
  expect(readFileSync(join(at, "data/a.csv"), "utf8")).toBe("id\n1\n");
  expect(statSync(join(at, "run.sh")).mode & 0o777).toBe(0o755);
});

test.each([
  ["names that lead out", [{ name: "../outside.txt", text: "x" }], "invalid relative path"],
  ["names from the root", [{ name: "/tmp/outside.txt", text: "x" }], "absolute path"],
  ["backslashes", [{ name: "..\\outside.txt", text: "x" }], "invalid characters"],
  ["links", [{ name: "link", text: "/etc/passwd", mode: 0o120777 }], "link is a link"],
  ["devices", [{ name: "null", text: "", mode: 0o020666 }], "neither a file nor a folder"],
  [
    "a file twice",
    [
      { name: "a", text: "1" },
      { name: "a", text: "2" },
    ],
    "can't be unpacked",
  ],
  ["sizes that are lies", [{ name: "a", text: "x".repeat(1000), size: 10 }], "can't be unpacked"],
] as [string, ZipEntry[], string][])("%s are refused", async (_, entries, message) => {
  await expect(unpack(entries)).rejects.toThrow(message);
  expect(existsSync(join(root, "outside.txt"))).toBe(false);
});

test("what unpacks to too much, or to too many files, is refused", async () => {
  const zeros = "\0".repeat(200_000);
  await expect(unpack([{ name: "a", text: zeros }], { ...ZIP_LIMITS, bytes: 100_000 })).rejects.toThrow(
    "zip bomb",
  );
  const many = Array.from({ length: 5 }, (_, index) => ({ name: `f${index}`, text: "x" }));
  await expect(unpack(many, { ...ZIP_LIMITS, entries: 4 })).rejects.toThrow("more than 4 files");
});

test("a file that is no zip says so", async () => {
  writeFileSync(join(root, "text.zip"), "not a zip");
  await expect(unzip(join(root, "text.zip"), join(root, "text"))).rejects.toThrow(
    "text.zip can't be unpacked",
  );
});
