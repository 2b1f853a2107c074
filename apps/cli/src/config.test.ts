import { expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { credentials, readConfig, writeConfig } from "./config.ts";
import { temporaryFolders } from "./testing/folders.ts";

const SAVED = { url: "http://hub.example:7400", token: "secret", token_id: null, email: "a@example.org" };
const newFolder = temporaryFolders("config");
const newPath = () => join(newFolder(), "deep/config.json");
const env = (configPath: string, more: { url?: string; token?: string } = {}) => ({
  configPath,
  cacheFolder: "/nowhere",
  url: more.url,
  token: more.token,
  noColour: true,
});

test("a log-in is kept in a file that only its owner can read", () => {
  const path = newPath();
  writeConfig(path, SAVED);
  expect(readConfig(path)).toEqual(SAVED);
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
});

test("the token never goes to another address than the one it was made at", () => {
  const path = newPath();
  writeConfig(path, SAVED);
  expect(credentials(env(path))).toEqual({ url: SAVED.url, token: "secret" });
  expect(() => credentials(env(path, { url: "http://elsewhere.example" }))).toThrow(
    "not logged in at http://elsewhere.example",
  );
});

test("the environment's token comes first", () => {
  const path = newPath();
  writeConfig(path, SAVED);
  expect(credentials(env(path, { token: "other" })).token).toBe("other");
});

test("a damaged file says what to do", () => {
  const path = join(newFolder(), "config.json");
  writeFileSync(path, "{");
  expect(() => readConfig(path)).toThrow("Delete it and log in again");
});
