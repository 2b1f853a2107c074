import { Argument, type Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { notificationKind } from "../notification-kind.ts";
import { table } from "../output.ts";
import { formatTime, parseCount } from "../quantities.ts";
import type { NotificationKind } from "../types.ts";

export function notificationsCommand(cli: Cli): Command {
  return group("notifications", "what Podium told you, and what of it you get by mail", [ls(cli), mail(cli)]);
}

function ls(cli: Cli): Command {
  return leaf("ls", "list what happened to your teams' work, newest first")
    .option("-n, --number <number>", "at most so many", parseCount, 20)
    .action(async (options: JsonOption & { number: number }) => {
      const all = await allPages(
        (query) => ok(cli.api().GET("/api/v1/notifications", { params: { query } })),
        options.number,
      );
      show(cli, options, all, (rows) =>
        table(
          rows,
          [
            { title: "WHEN", value: (row) => formatTime(row.created_at) },
            { title: "KIND", value: (row) => row.kind },
            { title: "WHAT", value: (row) => row.text },
          ],
          "Nothing has happened yet.",
        ),
      );
    });
}

function mail(cli: Cli): Command {
  return leaf("mail", "show what you get by mail, or turn a kind on or off")
    .addArgument(new Argument("[kind]", "such as session.ended").argParser(notificationKind))
    .addArgument(new Argument("[choice]").choices(["on", "off"]))
    .action(async (kind: NotificationKind | undefined, choice: string | undefined, options: JsonOption) => {
      const api = cli.api();
      if (kind !== undefined && choice !== undefined) {
        const params = { path: { kind } };
        await ok(api.PUT("/api/v1/notifications/mail/{kind}", { params, body: { mail: choice === "on" } }));
      }
      const { available, kinds } = await ok(api.GET("/api/v1/notifications/mail"));
      const shown = kinds.filter((each) => kind === undefined || each.kind === kind);
      show(cli, options, { available, kinds: shown }, (value) => {
        const list = table(
          value.kinds,
          [
            { title: "KIND", value: (row) => row.kind },
            { title: "MAIL", value: (row) => (row.mail ? "on" : "off") },
            { title: "WHAT", value: (row) => row.title },
          ],
          "There is no such kind for you.",
        );
        return available ? list : `${list}\nThis hub sends no mail: its operator has named no mail server.`;
      });
    });
}
