import { expect, test } from "bun:test";
import { repositoryOf } from "./source.ts";
import { tidy } from "./tidy.ts";

const HUB = "apps/hub/src";

/** Rule names by path, as `path rule`. */
function breaches(contents: Record<string, string>): string[] {
  return tidy(repositoryOf(contents)).map((finding) => finding.replace(/^(\S+?):\d+ ([\w-]+):.*$/s, "$1 $2"));
}

test("the environment is read in env.ts and in the workshop, nowhere else", () => {
  const text = "export const port = process.env.PORT;\n";
  expect(
    breaches({ "apps/cli/src/log.ts": text, "apps/cli/src/env.ts": text, "scripts/a.ts": text }),
  ).toEqual(["apps/cli/src/log.ts environment"]);
  expect(breaches({ "packages/shared/src/a.ts": "export const a = Bun.env.A;\n" })).toEqual([
    "packages/shared/src/a.ts environment",
  ]);
});

test("time comes from a clock; a given time is fine", () => {
  const files = {
    [`${HUB}/credits/pricing.ts`]: "export const now = () => Date.now();\n",
    [`${HUB}/credits/rules.ts`]: "export const at = () => new Date();\n",
    [`${HUB}/credits/speed.ts`]: "export const t = () => performance.now();\n",
    [`${HUB}/credits/given.ts`]: "export const at = (text: string) => new Date(text);\n",
    [`${HUB}/platform/clock.ts`]: "export const now = () => new Date();\n",
    "apps/web/src/age.ts": "export const age = (at: number) => Date.now() - at;\n",
  };
  expect(breaches(files)).toEqual([
    `${HUB}/credits/pricing.ts clock`,
    `${HUB}/credits/rules.ts clock`,
    `${HUB}/credits/speed.ts clock`,
  ]);
});

test("words of the bans in comments and texts are no breach", () => {
  expect(
    breaches({ "apps/hub/src/credits/a.ts": '// never Date.now()\nexport const a = "process.env.A";\n' }),
  ).toEqual([]);
});

test("random values come from ids, random and secrets", () => {
  const text = "export const next = () => crypto.randomUUID();\n";
  expect(
    breaches({
      [`${HUB}/teams/slug.ts`]: text,
      [`${HUB}/teams/dice.ts`]: "export const dice = () => Math.random();\n",
      [`${HUB}/platform/secrets.ts`]: text,
      "packages/shared/src/ids.ts": text,
    }),
  ).toEqual([`${HUB}/teams/slug.ts randomness`, `${HUB}/teams/dice.ts randomness`]);
});

test("files over 400 lines and functions over 70 are too long; routes and tests may tell more", () => {
  const long = `export function all() {\n${"  work();\n".repeat(75)}}\n`;
  expect(
    breaches({
      "packages/shared/src/big.ts": "export const a = 1;\n".repeat(401),
      "packages/shared/src/just.ts": "export const a = 1;\n".repeat(400),
      "packages/shared/src/long.ts": long,
      [`${HUB}/teams/routes.ts`]: long,
      [`${HUB}/teams/a.test.ts`]: long,
    }),
  ).toEqual(["packages/shared/src/big.ts file-size", "packages/shared/src/long.ts function-size"]);
});

test("the message of a long function names it", () => {
  const long = `export const start = () => {\n${"  work();\n".repeat(75)}};\n`;
  expect(tidy(repositoryOf({ "packages/shared/src/long.ts": long }))[0]).toContain("start has 77 lines");
});

test("links and paths in the documentation lead somewhere", () => {
  const page = [
    "[good](../README.md#top) [web](https://example.org/x) [anchor](#here) [dead](gone.md)",
    "`apps/hub/src/main.ts` `apps/hub/src/gone.ts` `apps/hub/src/main.ts:12` `apps/*/src` `npm run x`",
    "```",
    "cat apps/hub/src/gone.ts [dead](gone.md)",
    "```",
  ].join("\n");
  const files = { "README.md": "", "docs/page.md": page, "apps/hub/src/main.ts": "" };
  expect(tidy(repositoryOf(files))).toEqual([
    'docs/page.md:1 dead-paths: "gone.md" leads nowhere',
    'docs/page.md:2 dead-paths: "apps/hub/src/gone.ts" leads nowhere',
  ]);
});

test("a verb of a hub domain has a test beside it; rules, tables and routes need none", () => {
  const verb = "export async function start() {}\n";
  expect(
    breaches({
      [`${HUB}/sessions/start.ts`]: verb,
      [`${HUB}/sessions/stop.ts`]: verb,
      [`${HUB}/sessions/stop.test.ts`]: "",
      [`${HUB}/sessions/store.ts`]: verb,
      [`${HUB}/sessions/routes.ts`]: verb,
      [`${HUB}/sessions/pricing.ts`]: "export function price() {}\n",
      [`${HUB}/sessions/pause.ts`]: "export function pause(): Promise<void> { return stop(); }\n",
      [`${HUB}/sessions/resume.ts`]: "export const resume = async () => {};\n",
      [`${HUB}/platform/outbox.ts`]: verb,
    }),
  ).toEqual([
    `${HUB}/sessions/start.ts verbs-are-tested`,
    `${HUB}/sessions/pause.ts verbs-are-tested`,
    `${HUB}/sessions/resume.ts verbs-are-tested`,
  ]);
});

test("notes to oneself, registry hosts and paths of one machine are not committed", () => {
  const note = `# ${["TO", "DO"].join("")}: later\n`;
  const host = `url = "https://registry.npm${"js.org"}/bun"\n`;
  const path = `home = "/wo${"rk/main/data"}"\n`;
  expect(breaches({ "sdk/python/src/a.py": note, ".npmrc": host, "docs/a.md": path })).toEqual([
    "sdk/python/src/a.py notes",
    ".npmrc registry-hosts",
    "docs/a.md private-paths",
  ]);
});
