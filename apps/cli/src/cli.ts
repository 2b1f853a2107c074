import { type Api, createApi } from "./client.ts";
import { credentials } from "./config.ts";
import type { Env } from "./env.ts";
import type { Output } from "./output.ts";

/** What every command gets. */
export interface Cli {
  env: Env;
  out: Output;
  /** The hub as the person who is logged in; a `CliError` when nobody is. */
  api(): Api;
}

export function createCli(env: Env, out: Output): Cli {
  let api: Api | undefined;
  return {
    env,
    out,
    api: () => {
      if (api === undefined) {
        const { url, token } = credentials(env);
        api = createApi(url, { token });
      }
      return api;
    },
  };
}
