import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFile, terminalLine } from "./log-file.ts";

test("a log moves aside at 10 MB, and one old file is kept", () => {
  const dir = mkdtempSync(join(tmpdir(), "podium-log-"));
  try {
    const path = join(dir, "hub.log");
    const log = new LogFile(path);
    const line = "x".repeat(1024 * 1024);
    for (let nth = 0; nth < 23; nth++) log.write(line);
    expect(statSync(`${path}.1`).size).toBeGreaterThan(10 * 1024 * 1024);
    expect(statSync(path).size).toBeLessThan(4 * 1024 * 1024);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("a log that can't be written says so once, and goes on", () => {
  const log = new LogFile("/dev/full");
  expect(log.write("one")).toContain("/dev/full can't be written: ENOSPC");
  expect(log.write("two")).toBeUndefined();
});

test("the terminal gets warnings with their cause, and what processes say outside their log", () => {
  expect(terminalLine('{"level":30,"msg":"ready"}', "stdout")).toBeUndefined();
  expect(terminalLine('{"level":50,"msg":"mail failed","err":{"message":"refused"}}', "stdout")).toBe(
    "mail failed: refused",
  );
  expect(terminalLine("Segmentation fault", "stderr")).toBe("Segmentation fault");
  expect(terminalLine("plain words", "stdout")).toBeUndefined();
  expect(terminalLine("y".repeat(1000), "stderr")).toHaveLength(240);
});
