import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "./errors.ts";
import { scan } from "./scan.ts";
import { temporaryFolders } from "./testing/folders.ts";

const newFolder = temporaryFolders("scan");
const refusalOf = (folder: string) => {
  try {
    scan(folder);
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
  return "not refused";
};

test("files come sorted by path, with the executable bit and nothing else of their mode", () => {
  const folder = newFolder();
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "main.py"), "");
  writeFileSync(join(folder, "lib/tool.sh"), "");
  writeFileSync(join(folder, "lib.py"), "");
  chmodSync(join(folder, "lib/tool.sh"), 0o700);
  chmodSync(join(folder, "lib.py"), 0o600);
  expect(scan(folder).map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
    ["lib.py", "644"],
    ["lib/tool.sh", "755"],
    ["main.py", "644"],
  ]);
});

test("one file is a tree of that file", () => {
  const file = join(newFolder(), "labels.csv");
  writeFileSync(file, "id,y\n");
  expect(scan(file).map(({ path, source }) => [path, source])).toEqual([["labels.csv", file]]);
});

test("an ignored folder is not looked into, whatever lies there", () => {
  const folder = newFolder();
  mkdirSync(join(folder, ".venv"));
  symlinkSync("/usr/bin/python3", join(folder, ".venv/python"));
  writeFileSync(join(folder, "main.py"), "");
  expect(scan(folder).map((file) => file.path)).toEqual(["main.py"]);
});

test("a link inside the folder is pushed as what it points to", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "a.py"), "");
  symlinkSync("a.py", join(folder, "b.py"));
  expect(scan(folder).map((file) => file.path)).toEqual(["a.py", "b.py"]);
});

test("links that lead outside, nowhere or in a circle are refused, all of them by name", () => {
  const folder = newFolder();
  symlinkSync("/etc/hostname", join(folder, "outside"));
  symlinkSync("gone", join(folder, "nowhere"));
  symlinkSync(".", join(folder, "circle"));
  const refusal = refusalOf(folder);
  expect(refusal).toContain("outside: a link that leads outside the folder");
  expect(refusal).toContain("nowhere: a link to something that does not exist");
  expect(refusal).toContain("circle: a link that leads back");
});

test("a name that no tree may hold is refused with the reason", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "two\nlines.py"), "");
  expect(refusalOf(folder)).toContain("two\\nlines.py: its name must be a relative path without");
});

test("a name in another Unicode form than NFC is refused", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "cafe\u0301.py"), "");
  expect(refusalOf(folder)).toContain("must be in Unicode form NFC");
});

test("two files whose names differ in Unicode form only: the one in another form than NFC is named", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "caf\u00e9.py"), "");
  writeFileSync(join(folder, "cafe\u0301.py"), "");
  expect(refusalOf(folder).match(/must be in Unicode form NFC: rename it/g)).toHaveLength(1);
});

test("odd characters that a name may have are taken as they are, and upper and lower case are two names", () => {
  const folder = newFolder();
  const names = ["-rf", "A", "a", "a b", "naïve–文 '\"$&;*?", "~"];
  for (const name of names) writeFileSync(join(folder, name), "");
  expect(scan(folder).map((file) => file.path)).toEqual(names.sort());
});

test("a name that is no UTF-8, a socket and a pipe are refused, all of them by name", () => {
  const folder = newFolder();
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff])]), "");
  Bun.spawnSync(["mkfifo", join(folder, "pipe")]);
  const socket = Bun.listen({ unix: join(folder, "socket"), socket: { data() {} } });
  const refusal = refusalOf(folder);
  socket.stop();
  expect(refusal).toContain("its name is not valid UTF-8");
  expect(refusal).toContain("pipe: neither a file nor a folder");
  expect(refusal).toContain("socket: neither a file nor a folder");
});

test("what an interrupted pull left is not pushed", () => {
  const folder = newFolder();
  mkdirSync(join(folder, ".podium-pull"));
  writeFileSync(join(folder, ".podium-pull/tree"), "");
  writeFileSync(join(folder, "a"), "");
  expect(scan(folder).map((file) => file.path)).toEqual(["a"]);
});

test("a folder that does not exist is said to", () => {
  expect(refusalOf(join(newFolder(), "gone"))).toContain("does not exist");
});
