import { Argument, type Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { formatCredits, parseCredits } from "../quantities.ts";
import { adminPricesCommand } from "./admin-prices.ts";

export function adminCommand(cli: Cli): Command {
  return group("admin", "what administrators of a hub do", [
    grant(cli),
    role(cli),
    adminPricesCommand(cli),
    accounts(cli),
    joinToken(cli),
  ]);
}

function grant(cli: Cli): Command {
  return leaf("grant", "give a team credits")
    .argument("<team>")
    .addArgument(new Argument("<credits>", "such as 100 or 0.5").argParser(parseCredits))
    .option("-m, --memo <text>", "what for", "")
    .action(async (team: string, amount: number, options: { memo: string; json?: boolean }) => {
      const balance = await ok(
        cli.api().POST("/api/v1/credits/grants", { body: { team, amount, memo: options.memo } }),
      );
      show(cli, options, balance, ({ available }) => `${team} now has ${formatCredits(available)} credits.`);
    });
}

function role(cli: Cli): Command {
  return leaf("role", "say what someone may do on this hub")
    .argument("<email>")
    .addArgument(new Argument("<role>").choices(["admin", "organizer", "participant"]))
    .action(async (email: string, given: "admin" | "organizer" | "participant", options: JsonOption) => {
      await ok(
        cli.api().PATCH("/api/v1/users/{email}/role", { params: { path: { email } }, body: { role: given } }),
      );
      show(cli, options, { email, role: given }, () => `${email} is now ${given}.`);
    });
}

function accounts(cli: Cli): Command {
  return leaf("ledger", "show every team's credits, and that the ledger sums to zero").action(
    async (options: JsonOption) => {
      const summary = await ok(cli.api().GET("/api/v1/credits/summary"));
      show(cli, options, summary, ({ sum, teams }) => {
        const list = table(
          teams,
          [
            { title: "TEAM", value: (row) => row.team },
            { title: "AVAILABLE", value: (row) => formatCredits(row.available), right: true },
            { title: "RESERVED", value: (row) => formatCredits(row.held), right: true },
            { title: "SPENT", value: (row) => formatCredits(row.spent), right: true },
          ],
          "No team has credits yet.",
        );
        return `${list}\nSum of all entries: ${formatCredits(sum)}${sum === 0 ? "" : " – it must be 0: the ledger is broken"}`;
      });
    },
  );
}

function joinToken(cli: Cli): Command {
  return leaf("join-token", "make a token that lets a machine join as a node, valid for a day").action(
    async (options: JsonOption) => {
      const made = await ok(cli.api().POST("/api/v1/nodes/join-tokens"));
      show(cli, options, made, ({ join_token }) => join_token);
    },
  );
}
