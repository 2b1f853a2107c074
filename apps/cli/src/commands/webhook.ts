import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { notificationKind } from "../notification-kind.ts";
import { table } from "../output.ts";
import { personalTeam } from "../personal-team.ts";
import type { NotificationKind } from "../types.ts";

interface TeamOption extends JsonOption {
  team?: string;
}

export function webhookCommand(cli: Cli): Command {
  return group("webhook", "have a team's notifications posted to an address", [
    add(cli),
    ls(cli),
    rm(cli),
    on(cli),
    test(cli),
  ]);
}

const ofTeam = (command: Command) => command.option("--team <team>", "whose (default: your personal team)");
const slugOf = async (cli: Cli, { team }: TeamOption) => team ?? (await personalTeam(cli));

function add(cli: Cli): Command {
  return ofTeam(
    leaf("add", "add an address", "Its secret signs what is posted (Standard Webhooks); it is shown once."),
  )
    .argument("<url>")
    .option("--kind <kind>", "only this kind; may be repeated", collect)
    .action(async (url: string, options: TeamOption & { kind?: NotificationKind[] }) => {
      const kinds = options.kind === undefined ? {} : { kinds: options.kind };
      const params = { path: { slug: await slugOf(cli, options) } };
      const made = await ok(
        cli.api().POST("/api/v1/teams/{slug}/webhooks", { params, body: { url, ...kinds } }),
      );
      show(cli, options, made, ({ id, secret }) => `${id}\nSecret, shown once: ${secret}`);
    });
}

const collect = (kind: string, before: NotificationKind[] = []) => [...before, notificationKind(kind)];

function ls(cli: Cli): Command {
  return ofTeam(leaf("ls", "list the addresses, and whether they work")).action(
    async (options: TeamOption) => {
      const params = { path: { slug: await slugOf(cli, options) } };
      const { items } = await ok(cli.api().GET("/api/v1/teams/{slug}/webhooks", { params }));
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "ID", value: (row) => row.id },
            { title: "URL", value: (row) => row.url },
            { title: "KINDS", value: (row) => row.kinds?.join(", ") ?? "all" },
            { title: "STATE", value: (row) => row.state },
            { title: "LAST ERROR", value: (row) => row.last_error },
          ],
          "There are no webhooks. Add one: podium webhook add URL",
        ),
      );
    },
  );
}

function rm(cli: Cli): Command {
  return ofTeam(leaf("rm", "remove an address"))
    .argument("<id>")
    .action(async (id: string, options: TeamOption) => {
      const params = { path: { slug: await slugOf(cli, options), id } };
      await ok(cli.api().DELETE("/api/v1/teams/{slug}/webhooks/{id}", { params }));
      show(cli, options, { id }, () => `${id} is removed.`);
    });
}

function on(cli: Cli): Command {
  return ofTeam(leaf("on", "turn on an address again that was turned off because nothing got through"))
    .argument("<id>")
    .action(async (id: string, options: TeamOption) => {
      const params = { path: { slug: await slugOf(cli, options), id } };
      const webhook = await ok(cli.api().POST("/api/v1/teams/{slug}/webhooks/{id}/enable", { params }));
      show(cli, options, webhook, ({ url }) => `${url} gets what happens from now on.`);
    });
}

function test(cli: Cli): Command {
  return ofTeam(leaf("test", "post a test message now, and say how that went"))
    .argument("<id>")
    .action(async (id: string, options: TeamOption) => {
      const params = { path: { slug: await slugOf(cli, options), id } };
      const went = await ok(cli.api().POST("/api/v1/teams/{slug}/webhooks/{id}/test", { params }));
      show(cli, options, went, ({ status, error }) => error ?? `It arrived; the address answered ${status}.`);
      if (!went.delivered) process.exitCode = 1;
    });
}
