import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { leaf, show } from "../command.ts";
import { logIn } from "../log-in.ts";
import { ask, askPassword } from "../prompt.ts";
import { addressOf } from "./login.ts";

interface Options {
  url?: string;
  email?: string;
  name?: string;
  passwordStdin?: boolean;
  json?: boolean;
}

export function signupCommand(cli: Cli): Command {
  return leaf(
    "signup",
    "make an account at a hub and log in",
    "Your name is also the name of your personal team.",
  )
    .option("--url <address>", "the hub's address")
    .option("--email <email>", "your e-mail address")
    .option("--name <name>", "your name in addresses: lower-case letters, digits and hyphens")
    .option("--password-stdin", "read the password from standard input")
    .action(async (options: Options) => {
      const url = addressOf(cli, options.url);
      const email = options.email ?? (await ask("E-mail", "--email"));
      const name = options.name ?? (await ask("Name", "--name"));
      const password = await askPassword(options.passwordStdin ?? false);
      const me = await logIn(cli, url, (api) =>
        api.POST("/api/v1/auth/sign-up", { body: { email, password, name } }),
      );
      show(cli, options, me, () => `Signed up at ${url} as ${me.email}; your personal team is ${me.name}.`);
    });
}
