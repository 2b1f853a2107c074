import { afterAll, expect, test } from "bun:test";
import { mkdtemp, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../data/remove.ts";
import { BuildFailed } from "./build-failed.ts";
import { readList } from "./read-list.ts";

const folder = await mkdtemp(join(tmpdir(), "podium-list-"));
afterAll(() => removeFolder(folder));

test("a list of packages is read; one that is not there is null", async () => {
  await writeFile(join(folder, "requirements.txt"), "torch\n");
  expect(await readList(folder, "requirements.txt")).toBe("torch\n");
  expect(await readList(folder, "nsml_package.txt")).toBeNull();
});

test("a list of a gigabyte is refused without being read", async () => {
  await writeFile(join(folder, "nsml_package.txt"), "");
  await truncate(join(folder, "nsml_package.txt"), 2 ** 30);
  const read = readList(folder, "nsml_package.txt");
  await expect(read).rejects.toBeInstanceOf(BuildFailed);
  await expect(read).rejects.toThrow("nsml_package.txt has 1073741824 bytes");
});
