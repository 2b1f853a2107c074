import { expect, test } from "bun:test";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootDir } from "./paths.mjs";

const MAX_MS = 300_000;

test(
  "two set-ups at once in one fresh clone both succeed, one doing the work; a third has nothing to do",
  async () => {
    const clone = await freshClone();
    try {
      const [first, second] = await Promise.all([setUp(clone), setUp(clone)]);
      const both = `${first.said}${second.said}`;
      expect([first.code, second.code, both]).toEqual([0, 0, both]);
      expect(both.match(/set-up: packages by bun\.lock/g)).toHaveLength(1);
      expect(both).toContain("waiting for it");
      expect(existsSync(join(clone, "node_modules", "zod"))).toBe(true);
      expect(existsSync(join(clone, ".podium", "bin", "podium"))).toBe(true);

      expect(await setUp(clone)).toEqual({ code: 0, said: "" });
    } finally {
      rmSync(clone, { recursive: true });
    }
  },
  MAX_MS,
);

test("an unknown command says which there are", async () => {
  const child = Bun.spawn(["node", "scripts/podium.mjs", "strat"], { cwd: rootDir, stderr: "pipe" });
  expect(await child.exited).toBe(2);
  expect(await new Response(child.stderr).text()).toMatch(/no command "strat"\. Known: setup, .*start/);
});

test("npm start says what it reads, and starts nothing for a word that it does not know", async () => {
  const ask = (word: string) =>
    Bun.spawn(["node", "scripts/podium.mjs", "start", word], { cwd: rootDir, stderr: "pipe" });
  const [help, unknown] = [ask("--help"), ask("--port=1")];
  expect([await help.exited, await unknown.exited]).toEqual([0, 2]);
  expect(await new Response(help.stderr).text()).toContain("PODIUM_HUB_PORT");
});

async function setUp(clone: string): Promise<{ code: number; said: string }> {
  const child = Bun.spawn(["node", "scripts/podium.mjs", "setup"], {
    cwd: clone,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said: out + error };
}

/** What set-up reads of the repository: packages and scripts, not the apps themselves. */
async function freshClone(): Promise<string> {
  const clone = mkdtempSync(join(tmpdir(), "podium-clone-"));
  const listed = await Bun.$`git ls-files --cached --others --exclude-standard`.cwd(rootDir).text();
  const wanted = /(^|\/)package\.json$|^(bun\.lock|bunfig\.toml|\.npmrc)$|^scripts\//;
  for (const path of listed
    .split("\n")
    .filter((each) => wanted.test(each) && existsSync(join(rootDir, each)))) {
    cpSync(join(rootDir, path), join(clone, path), { recursive: true });
  }
  return clone;
}
