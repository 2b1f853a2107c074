import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CliError } from "./errors.ts";

/** A variable that is set to nothing counts as not set. */
const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const envSchema = z.object({
  PODIUM_CONFIG: optional(z.string()),
  PODIUM_URL: optional(z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })),
  PODIUM_TOKEN: optional(z.string()),
  XDG_CONFIG_HOME: optional(z.string()),
  XDG_CACHE_HOME: optional(z.string()),
  NO_COLOR: optional(z.string()),
});

export interface Env {
  configPath: string;
  /** Holds what may be deleted at any time. */
  cacheFolder: string;
  url: string | undefined;
  token: string | undefined;
  noColour: boolean;
}

/** Reads the environment variables that the command line heeds. Throws a `CliError` naming the one that is wrong. */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = envSchema.safeParse(source);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new CliError(`${problems.join("; ")}.`);
  }
  const { PODIUM_CONFIG, PODIUM_URL, PODIUM_TOKEN, XDG_CONFIG_HOME, XDG_CACHE_HOME, NO_COLOR } = parsed.data;
  const folder = XDG_CONFIG_HOME ?? join(homedir(), ".config");
  return {
    configPath: resolve(PODIUM_CONFIG ?? join(folder, "podium/config.json")),
    cacheFolder: resolve(join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "podium")),
    url: PODIUM_URL,
    token: PODIUM_TOKEN,
    noColour: NO_COLOR !== undefined,
  };
}
