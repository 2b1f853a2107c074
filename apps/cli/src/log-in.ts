import { hostname } from "node:os";
import type { Cli } from "./cli.ts";
import { type Api, createApi, ok } from "./client.ts";
import { trimSlash, writeConfig } from "./config.ts";
import { CliError, refusal } from "./errors.ts";
import type { Me } from "./types.ts";

type Answer = { error?: unknown; response: Response };

/**
 * Signs in (or up) with what the callback sends, makes an API token for this machine and keeps it in the
 * configuration file. The password and the cookie are kept nowhere.
 */
export async function logIn(cli: Cli, url: string, sign: (api: Api) => Promise<Answer>): Promise<Me> {
  const { error, response } = await sign(createApi(url, null));
  if (!response.ok) throw refusal(error, response);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  if (cookie === "") throw new CliError(`${url} let you in but set no cookie. Is it a Podium hub?`);
  const name = `podium on ${hostname()}`.slice(0, 100);
  const token = await ok(createApi(url, { cookie }).POST("/api/v1/tokens", { body: { name } }));
  const me = await ok(createApi(url, token).GET("/api/v1/me"));
  writeConfig(cli.env.configPath, {
    url: trimSlash(url),
    token: token.token,
    token_id: token.id,
    email: me.email,
  });
  return me;
}
