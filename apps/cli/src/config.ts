import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { Env } from "./env.ts";
import { CliError } from "./errors.ts";

export const DEFAULT_URL = "http://127.0.0.1:7400";

const configSchema = z.object({
  url: z.url(),
  token: z.string(),
  token_id: z.string().nullable().describe("Null for a token that was made elsewhere: logging out keeps it"),
  email: z.string(),
});
export type Config = z.infer<typeof configSchema>;

/** Who is logged in where, from the file; null when nobody is. Throws a `CliError` when it can't be read. */
export function readConfig(path: string): Config | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new CliError(`${path} can't be read: ${(error as Error).message}`);
  }
  try {
    return configSchema.parse(JSON.parse(text));
  } catch {
    throw new CliError(`${path} is damaged. Delete it and log in again: podium login`);
  }
}

/** Writes the file, readable by its owner only, all of it or nothing. */
export function writeConfig(path: string, config: Config): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

export function removeConfig(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Address and token to use: the environment's before the file's. The file's token goes only to the
 * address it was made at, never to another one that PODIUM_URL names.
 */
export function credentials(env: Env): { url: string; token: string } {
  const config = readConfig(env.configPath);
  const url = trimSlash(env.url ?? config?.url ?? DEFAULT_URL);
  const token = env.token ?? (config && trimSlash(config.url) === url ? config.token : undefined);
  if (token === undefined)
    throw new CliError(`You are not logged in at ${url}. Log in with: podium login --url ${url}`);
  return { url, token };
}

export function trimSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
