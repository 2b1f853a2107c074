import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CliError } from "./errors.ts";

const envSchema = z.object({
  PODIUM_CONFIG: z.string().min(1).optional(),
  PODIUM_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).optional(),
  PODIUM_TOKEN: z.string().min(1).optional(),
  XDG_CONFIG_HOME: z.string().optional(),
  NO_COLOR: z.string().optional(),
});

export interface Env {
  configPath: string;
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
  const { PODIUM_CONFIG, PODIUM_URL, PODIUM_TOKEN, XDG_CONFIG_HOME, NO_COLOR } = parsed.data;
  const folder = XDG_CONFIG_HOME || join(homedir(), ".config");
  return {
    configPath: resolve(PODIUM_CONFIG ?? join(folder, "podium/config.json")),
    url: PODIUM_URL,
    token: PODIUM_TOKEN,
    noColour: NO_COLOR !== undefined && NO_COLOR !== "",
  };
}
