import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "./errors.ts";
import { hashFile } from "./push.ts";

test("a file's hash is the SHA-256 of its bytes", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "podium-hash-")), "abc.txt");
  writeFileSync(file, "abc");
  // The example of FIPS 180-2, appendix B.1
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await hashFile(file)).toEqual({ sha256, size: 3 });
});

test("a file that can't be read is named", async () => {
  const missing = hashFile(join(tmpdir(), "podium-no-such-file"));
  await expect(missing).rejects.toThrow(CliError);
  await expect(missing).rejects.toThrow("podium-no-such-file");
});
