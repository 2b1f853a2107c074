import { expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bunPath, rootDir } from "../setup/paths.mjs";

const HUB = "apps/hub/src";

/** One file a row, its import, and the rule that it breaks (none: allowed). */
const CASES: [from: string, imports: string, breaks: string | undefined][] = [
  [`${HUB}/teams/create.ts`, "../accounts/index.ts", undefined],
  [`${HUB}/accounts/find.ts`, "../teams/index.ts", "order-accounts"],
  [`${HUB}/sessions/report.ts`, "../tracking/index.ts", "order-sessions"],
  [`${HUB}/tuning/observe.ts`, "../tracking/index.ts", undefined],
  [`${HUB}/serving/rank.ts`, "../competitions/index.ts", "order-serving"],
  [`${HUB}/scoring/score.ts`, "../competitions/index.ts", undefined],
  [`${HUB}/competitions/board.ts`, "../leaderboards/index.ts", "order-competitions"],
  [`${HUB}/sessions/mail.ts`, "../notifications/index.ts", "listeners-are-unknown"],
  [`${HUB}/notifications/mail.ts`, "../sessions/index.ts", undefined],
  [`${HUB}/main.ts`, "./notifications/index.ts", undefined],
  [`${HUB}/platform/outbox.ts`, "../teams/index.ts", "platform-knows-no-domain"],
  [`${HUB}/teams/invite.ts`, "../accounts/verb.ts", "through-the-door"],
  [`${HUB}/teams/store.ts`, "../accounts/schema.ts", undefined],
  [`${HUB}/teams/rename.ts`, "../accounts/schema.ts", "foreign-schema"],
  [`${HUB}/teams/list.ts`, "drizzle-orm", "sql-in-its-place"],
  [`${HUB}/data/store.ts`, "drizzle-orm", undefined],
  [`${HUB}/data/upload.ts`, "hono", "http-in-its-place"],
  [`${HUB}/data/routes.ts`, "hono", undefined],
  ["packages/shared/src/files.ts", "node:fs", "shared-does-no-io"],
  ["packages/shared/src/hash.ts", "bun", "shared-does-no-io"],
  ["apps/cli/src/hub.ts", "../../hub/src/teams/index.ts", "apps-meet-over-contracts"],
  ["apps/cli/src/port.ts", "../../../scripts/ports.ts", "products-know-no-workshop"],
  ["apps/cli/src/gone.ts", "./nowhere.ts", "resolvable"],
  ["apps/cli/src/a.ts", "./b.ts", "no-cycles"],
  // The same circle, reported once.
  ["apps/cli/src/b.ts", "./a.ts", undefined],
];

test("each import rule refuses what it is there for, and nothing else", async () => {
  const dir = mkdtempSync(join(tmpdir(), "podium-imports-"));
  try {
    writeRepository(dir);
    const broken = await brokenRules(dir);
    for (const [from, imports, rule] of CASES) {
      expect([from, imports, broken.get(from) ?? []]).toEqual([
        from,
        imports,
        rule === undefined ? [] : [rule],
      ]);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 60_000);

function writeRepository(dir: string): void {
  cpSync(join(rootDir, ".dependency-cruiser.mjs"), join(dir, ".dependency-cruiser.mjs"));
  cpSync(join(rootDir, "tsconfig.json"), join(dir, "tsconfig.json"));
  symlinkSync(join(rootDir, "node_modules"), join(dir, "node_modules"));
  const domains = [
    "accounts",
    "teams",
    "sessions",
    "tracking",
    "competitions",
    "leaderboards",
    "notifications",
  ];
  for (const domain of domains) write(dir, `${HUB}/${domain}/index.ts`, "export const door = 1;\n");
  for (const name of ["verb", "schema"])
    write(dir, `${HUB}/accounts/${name}.ts`, "export const inner = 1;\n");
  write(dir, "scripts/ports.ts", "export const port = 1;\n");
  for (const [from, imports] of CASES) {
    write(dir, from, `import * as other from ${JSON.stringify(imports)};\nexport const used = other;\n`);
  }
}

function write(dir: string, path: string, text: string): void {
  mkdirSync(join(dir, dirname(path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

async function brokenRules(dir: string): Promise<Map<string, string[]>> {
  const program = join(rootDir, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const options = ["--config", ".dependency-cruiser.mjs", "--output-type", "json"];
  const child = Bun.spawn([bunPath(), program, ...options, "apps", "packages", "scripts"], {
    cwd: dir,
    stdout: "pipe",
  });
  const result = JSON.parse(await new Response(child.stdout).text()) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  const broken = new Map<string, string[]>();
  for (const { from, rule } of result.summary.violations)
    broken.set(from, [...(broken.get(from) ?? []), rule.name]);
  return broken;
}
