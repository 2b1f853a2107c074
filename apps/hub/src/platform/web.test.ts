import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveWeb } from "./web.ts";

const root = mkdtempSync(join(tmpdir(), "podium-web-"));
const dist = join(root, "dist");
mkdirSync(join(dist, "assets"), { recursive: true });
writeFileSync(join(root, "secret.txt"), "secret");
writeFileSync(join(dist, "index.html"), "the page");
writeFileSync(join(dist, "assets", "app-1a2b.js"), "code");
afterAll(() => rmSync(root, { recursive: true }));

test.each(["/", "/competitions/films", "/assets"])(
  "%s is the page, which is asked for anew each time",
  async (path) => {
    const answer = await serveWeb(dist, path);
    expect([await answer.text(), answer.headers.get("cache-control")]).toEqual(["the page", "no-cache"]);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'self'");
  },
);

test("the page may send requests to the origins that it is told of, and to no other", async () => {
  const answer = await serveWeb(dist, "/serving", async () => ["https://models.test"]);
  const policy = answer.headers.get("content-security-policy");
  expect(policy).toContain("; connect-src 'self' https://models.test");
  expect((await serveWeb(dist, "/")).headers.get("content-security-policy")).not.toContain("connect-src");
});

test("a built file is kept for ever, because its name changes with it", async () => {
  const answer = await serveWeb(dist, "/assets/app-1a2b.js");
  expect([await answer.text(), answer.headers.get("cache-control")]).toEqual([
    "code",
    "public, max-age=31536000, immutable",
  ]);
});

test("a file of an older build is not there, rather than the page in its place", async () => {
  expect((await serveWeb(dist, "/assets/app-0000.js")).status).toBe(404);
});

test.each([
  "/../secret.txt",
  "/assets/../../secret.txt",
  "/..%2fsecret.txt",
  "/%2e%2e/secret.txt",
  "//../secret.txt",
])("%s does not lead out of the folder", async (path) => {
  expect(await (await serveWeb(dist, path)).text()).toBe("the page");
});

test("without a built page, one line says so", async () => {
  const answer = await serveWeb(undefined, "/");
  expect([answer.status, await answer.text()]).toEqual([
    404,
    "The web page has not been built. The API is at /api/v1.\n",
  ]);
});
