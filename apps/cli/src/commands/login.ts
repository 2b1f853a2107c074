import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { createApi, ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { DEFAULT_URL, readConfig, trimSlash, writeConfig } from "../config.ts";
import { CliError, EXIT } from "../errors.ts";
import { logIn } from "../log-in.ts";
import { ask, askPassword } from "../prompt.ts";
import type { Me } from "../types.ts";

interface Options {
  url?: string;
  email?: string;
  passwordStdin?: boolean;
  token?: string;
  json?: boolean;
}

/** Address to log in at: the option, the environment, the one used last, this machine's hub. */
export function addressOf(cli: Cli, given: string | undefined): string {
  if (given !== undefined && !/^https?:\/\/[^/]/.test(given)) {
    throw new CliError(
      `"${given}" is not the address of a hub: it starts with http:// or https://`,
      EXIT.usage,
    );
  }
  return trimSlash(given ?? cli.env.url ?? readConfig(cli.env.configPath)?.url ?? DEFAULT_URL);
}

export function loginCommand(cli: Cli): Command {
  return leaf(
    "login",
    "log in at a hub",
    "With e-mail and password (asked for when they are not given) an API token is made for this machine and kept in the configuration file; --token keeps one that you made elsewhere.",
  )
    .argument("[url]", `the hub's address (default: the last one, or ${DEFAULT_URL})`)
    .option("--url <address>", "the same, as an option")
    .option("--email <email>", "your e-mail address")
    .option("--password-stdin", "read the password from standard input")
    .option("--token <token>", "keep this API token instead of logging in with a password")
    .action(async (given: string | undefined, options: Options) => {
      const url = addressOf(cli, given ?? options.url);
      const me =
        options.token === undefined
          ? await withPassword(cli, url, options)
          : await withToken(cli, url, options.token);
      show(cli, options, me, ({ email, role }) => `Logged in at ${url} as ${email} (${role}).`);
    });
}

async function withPassword(cli: Cli, url: string, options: Options): Promise<Me> {
  const email = options.email ?? (await ask("E-mail", "--email"));
  const password = await askPassword(options.passwordStdin ?? false);
  return logIn(cli, url, (api) => api.POST("/api/v1/auth/sign-in", { body: { email, password } }));
}

async function withToken(cli: Cli, url: string, token: string): Promise<Me> {
  const me = await ok(createApi(url, { token }).GET("/api/v1/me"));
  writeConfig(cli.env.configPath, { url, token, token_id: null, email: me.email });
  return me;
}
